using System.Globalization;
using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

internal sealed class ReplicaOptionsValidator : IValidateOptions<ReplicaOptions>
{
    public ValidateOptionsResult Validate(string? name, ReplicaOptions options)
    {
        var errors = new List<string>();
        if (!ServerIdToken.IsValidServerId(options.ServerId))
        {
            errors.Add($"Replica:ServerId is \"{options.ServerId}\": allowed are 1 to {ServerIdToken.MaxServerIdLength} characters out of A-Z a-z 0-9 - _.");
        }

        if (options.CheckPath is not ['/', _, ..])
        {
            errors.Add($"Replica:CheckPath is \"{options.CheckPath}\": allowed is a path such as /alive.");
        }

        if (options.MaxConn < 1)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"Replica:MaxConn is {options.MaxConn}: allowed is a whole number from 1."));
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
