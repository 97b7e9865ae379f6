using Microsoft.Extensions.Options;

namespace StickyAspire.Yarp.Stats;

internal sealed class StatsOptionsValidator : IValidateOptions<StatsOptions>
{
    private const int MaxUris = 8;
    private const int MaxViewersLimit = 10_000;

    public ValidateOptionsResult Validate(string? name, StatsOptions options)
    {
        var errors = new List<string>();
        if (options.Uris.Count > MaxUris)
        {
            errors.Add($"Stats:Uris has {options.Uris.Count} entries; at most {MaxUris} are allowed.");
        }

        foreach (var uri in options.Uris.Where(uri => !StatsUri.TryParse(uri, out _)))
        {
            errors.Add($"Stats:Uris has '{uri}'; allowed are a path such as '/stats' and a path with a query such as '/haproxy?stats', of letters, digits and '-._~/=&', without ';'.");
        }

        if (options.MaxViewers is < 0 or > MaxViewersLimit)
        {
            errors.Add($"Stats:MaxViewers is {options.MaxViewers}; allowed are 0 to {MaxViewersLimit}.");
        }

        if (string.IsNullOrWhiteSpace(options.Frontend))
        {
            errors.Add($"Stats:Frontend is '{options.Frontend}'; allowed is any name.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
