using Microsoft.Extensions.Options;

namespace StickyAspire.Gateway.Stats;

internal sealed class StatsAccessOptionsValidator : IValidateOptions<StatsAccessOptions>
{
    public ValidateOptionsResult Validate(string? name, StatsAccessOptions options)
    {
        var errors = new List<string>();
        if (options.Realm.Any(c => c is < ' ' or > '~' or '"' or '\\'))
        {
            errors.Add($"Stats:Realm is '{options.Realm}'; allowed are printable ASCII characters but quotes and backslashes.");
        }

        if (options.Username.Length == 0 || options.Username.Contains(':', StringComparison.Ordinal))
        {
            errors.Add($"Stats:Username is '{options.Username}'; allowed is any name without a colon.");
        }

        if (options.MetricsUri.Length > 0 && (options.MetricsUri[0] != '/' || options.MetricsUri.AsSpan().ContainsAny("{}?#*")))
        {
            errors.Add($"Stats:MetricsUri is '{options.MetricsUri}'; allowed is a path such as '/metrics', or nothing.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
