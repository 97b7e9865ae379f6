using Microsoft.Extensions.Options;

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

        CheckTime(nameof(options.ConnectTimeout), options.ConnectTimeout);
        CheckTime($"{nameof(options.Engine)}.{nameof(options.Engine.PingInterval)}", options.Engine.PingInterval);
        CheckTime($"{nameof(options.Engine)}.{nameof(options.Engine.PingTimeout)}", options.Engine.PingTimeout);
        CheckTime($"{nameof(options.Engine)}.{nameof(options.Engine.UpgradeTimeout)}", options.Engine.UpgradeTimeout);
        if ((options.Engine.Transports & Engine.EngineTransports.All) == 0)
        {
            errors.Add($"SocketIOOptions.Engine.Transports is {options.Engine.Transports}: allowed are Polling, WebSocket, or both.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckTime(string key, TimeSpan value)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                errors.Add($"SocketIOOptions.{key} is {value}: allowed is more than zero and up to one day.");
            }
        }
    }
}
