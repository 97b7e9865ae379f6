using Microsoft.Extensions.Options;

namespace StickyAspire.SocketIO.Redis;

/// <summary>Holds the options to their attributes, without reflection.</summary>
[OptionsValidator]
internal sealed partial class RedisAdapterOptionsValidator : IValidateOptions<RedisAdapterOptions>;
