// Only the program beside this assembly is used: it starts the pwsh.dll that takes this one's place.
return 0;
