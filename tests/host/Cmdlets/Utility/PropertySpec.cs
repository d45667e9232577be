using System.Collections;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>One entry of a -Property parameter: a name, a pattern, a script block or a hashtable of Name, Expression and direction.</summary>
internal sealed class PropertySpec
{
    private PropertySpec(PSPropertyExpression expression, string? label, bool? descending)
    {
        Expression = expression;
        Label = label;
        Descending = descending;
    }

    public PSPropertyExpression Expression { get; }

    public string? Label { get; }

    public bool? Descending { get; }

    public static List<PropertySpec> ParseAll(PSCmdlet cmdlet, object[]? entries) =>
        (entries ?? []).Select(entry => Parse(cmdlet, entry)).ToList();

    /// <summary>The entry's value in an object; null where the object has no such property.</summary>
    public object? ValueIn(PSObject item)
    {
        var results = Expression.GetValues(item);
        return results.Count == 0 ? null : results[0].Result;
    }

    public bool IsIn(PSObject item) => Expression.GetValues(item) is [{ Exception: null }, ..];

    private static PropertySpec Parse(PSCmdlet cmdlet, object entry)
    {
        switch (PSObject.Base(entry))
        {
            case ScriptBlock script:
                return new PropertySpec(new PSPropertyExpression(script), null, null);
            case PSPropertyExpression ready:
                return new PropertySpec(ready, null, null);
            case IDictionary keys:
                return FromKeys(cmdlet, keys);
            default:
                return new PropertySpec(new PSPropertyExpression(LanguagePrimitives.ConvertTo<string>(entry)), null, null);
        }
    }

    private static PropertySpec FromKeys(PSCmdlet cmdlet, IDictionary keys)
    {
        string? label = null;
        bool? descending = null;
        PSPropertyExpression? expression = null;
        foreach (DictionaryEntry key in keys)
        {
            var name = key.Key.ToString()!.ToLowerInvariant();
            var value = PSObject.Base(key.Value);
            if ("expression".StartsWith(name, StringComparison.Ordinal))
            {
                expression = value is ScriptBlock script ? new PSPropertyExpression(script) : new PSPropertyExpression($"{value}");
            }
            else if ("name".StartsWith(name, StringComparison.Ordinal) || "label".StartsWith(name, StringComparison.Ordinal))
            {
                label = $"{value}";
            }
            else if ("descending".StartsWith(name, StringComparison.Ordinal))
            {
                descending = LanguagePrimitives.IsTrue(value);
            }
            else if ("ascending".StartsWith(name, StringComparison.Ordinal))
            {
                descending = !LanguagePrimitives.IsTrue(value);
            }
            else
            {
                var problem = new ArgumentException($"The {key.Key} key is not valid.");
                cmdlet.ThrowTerminatingError(new ErrorRecord(problem, "DictionaryKeyIllegal", ErrorCategory.InvalidArgument, key.Key));
            }
        }

        if (expression is null)
        {
            if (label is null)
            {
                var problem = new ArgumentException("The expression key is missing.");
                cmdlet.ThrowTerminatingError(new ErrorRecord(problem, "DictionaryKeyMissing", ErrorCategory.InvalidArgument, keys));
            }

            expression = new PSPropertyExpression(label!);
        }

        return new PropertySpec(expression, label, descending);
    }
}

/// <summary>PowerShell's order of values, with a text order for those that do not compare.</summary>
internal sealed class ValueComparer(bool caseSensitive) : IComparer<object?>, IEqualityComparer<object?>
{
    public int Compare(object? left, object? right)
    {
        left = PSObject.Base(left);
        right = PSObject.Base(right);
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        if (left is not string || right is not string)
        {
            if (left.GetType() == right.GetType() || LanguagePrimitives.TryCompare(left, right, !caseSensitive, out _))
            {
                if (LanguagePrimitives.TryCompare(left, right, !caseSensitive, out var order))
                {
                    return order;
                }
            }
        }

        return string.Compare(Text(left), Text(right), System.Globalization.CultureInfo.CurrentCulture,
            caseSensitive ? System.Globalization.CompareOptions.None : System.Globalization.CompareOptions.IgnoreCase);
    }

    public new bool Equals(object? left, object? right) => Compare(left, right) == 0;

    public int GetHashCode(object? value) => 0;

    private static string Text(object value) => PSObject.AsPSObject(value).ToString();
}
