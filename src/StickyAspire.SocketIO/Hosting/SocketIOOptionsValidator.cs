using Microsoft.Extensions.Options;
using StickyAspire.SocketIO.Engine;

namespace StickyAspire.SocketIO;

/// <summary>Checks the annotations of <see cref="SocketIOOptions"/>, and the times.</summary>
[OptionsValidator]
internal sealed partial class SocketIOAnnotationsValidator : IValidateOptions<SocketIOOptions>;

internal sealed class SocketIOOptionsValidator : IValidateOptions<SocketIOOptions>
{
    private static readonly SocketIOAnnotationsValidator Annotations = new();

    public ValidateOptionsResult Validate(string? name, SocketIOOptions options)
    {
        var errors = new List<string>();
        if (Annotations.Validate(name, options) is { Failed: true, Failures: { } failures })
        {
            errors.AddRange(failures);
        }

        if (EngineOptionsCheck.DescribeTime($"SocketIOOptions.{nameof(options.ConnectTimeout)}", options.ConnectTimeout) is { } error)
        {
            errors.Add(error);
        }

        errors.AddRange(EngineOptionsCheck.FindErrors(options.Engine, $"SocketIOOptions.{nameof(options.Engine)}."));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
