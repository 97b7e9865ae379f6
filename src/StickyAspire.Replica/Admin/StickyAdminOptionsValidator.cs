using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

internal sealed class StickyAdminOptionsValidator : IValidateOptions<StickyAdminOptions>
{
    /// <summary>The one error that does not tell the value: it is a secret.</summary>
    public ValidateOptionsResult Validate(string? name, StickyAdminOptions options) =>
        options.AdminKey is null or { Length: 0 or >= StickyAdminOptions.MinAdminKeyLength }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Sticky:AdminKey has {options.AdminKey.Length} characters: allowed are {StickyAdminOptions.MinAdminKeyLength} or more, or none at all.");
}
