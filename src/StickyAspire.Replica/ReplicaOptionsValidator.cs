using Microsoft.Extensions.Options;

namespace StickyAspire.Replica;

internal sealed class ReplicaOptionsValidator : IValidateOptions<ReplicaOptions>
{
    public ValidateOptionsResult Validate(string? name, ReplicaOptions options) =>
        ServerIdToken.IsValidServerId(options.ServerId)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Replica:ServerId is \"{options.ServerId}\": allowed are 1 to {ServerIdToken.MaxServerIdLength} characters out of A-Z a-z 0-9 - _.");
}
