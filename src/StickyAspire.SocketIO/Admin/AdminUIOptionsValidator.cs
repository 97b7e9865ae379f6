using Microsoft.Extensions.Options;

namespace StickyAspire.SocketIO.Admin;

internal sealed class AdminUIOptionsValidator : IValidateOptions<AdminUIOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminUIOptions options)
    {
        if (options.NamespaceName is not ['/', _, ..])
        {
            return ValidateOptionsResult.Fail($"AdminUIOptions.NamespaceName is \"{options.NamespaceName}\": allowed is a slash and a name, for example \"/admin\".");
        }

        var hasCredentials = options.VerifyCredentials is not null || (options.Username is { Length: > 0 } && options.Password is { Length: > 0 });
        return hasCredentials || options.AllowAnonymous
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("AdminUIOptions has no credentials: set Username and Password, or VerifyCredentials, or AllowAnonymous where everybody may do everything.");
    }
}
