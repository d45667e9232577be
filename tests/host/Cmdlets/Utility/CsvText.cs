using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>Rows of comma-separated text with quoted fields that may span lines.</summary>
internal static class CsvText
{
    public static IEnumerable<List<string?>> Rows(TextReader text, char delimiter)
    {
        var row = new List<string?>();
        var field = new StringBuilder();
        var quoted = false;
        var wasQuoted = false;
        for (var next = text.Read(); next >= 0; next = text.Read())
        {
            var letter = (char)next;
            if (quoted)
            {
                if (letter != '"')
                {
                    field.Append(letter);
                }
                else if (text.Peek() == '"')
                {
                    field.Append((char)text.Read());
                }
                else
                {
                    quoted = false;
                }
            }
            else if (letter == '"' && field.Length == 0)
            {
                quoted = wasQuoted = true;
            }
            else if (letter == delimiter)
            {
                row.Add(field.ToString());
                field.Clear();
                wasQuoted = false;
            }
            else if (letter is '\n' or '\r')
            {
                if (letter == '\r' && text.Peek() == '\n')
                {
                    text.Read();
                }

                if (row.Count > 0 || field.Length > 0 || wasQuoted)
                {
                    row.Add(field.ToString());
                    yield return row;
                    row = [];
                }

                field.Clear();
                wasQuoted = false;
            }
            else
            {
                field.Append(letter);
            }
        }

        if (row.Count > 0 || field.Length > 0 || wasQuoted)
        {
            row.Add(field.ToString());
            yield return row;
        }
    }

    public static string Quote(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
