using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace StickyAspire.Yarp.Routing;

/// <summary>
/// One of YARP's middlewares by itself, to be run where we want it. In a pipeline it would wait, in an asynchronous method of its own, for all that comes after it; by itself it is over at once.
/// </summary>
internal sealed class PipelineStep : IReverseProxyApplicationBuilder
{
    private readonly IApplicationBuilder _inner;

    private PipelineStep(IApplicationBuilder inner) => _inner = inner;

    public IServiceProvider ApplicationServices
    {
        get => _inner.ApplicationServices;
        set => _inner.ApplicationServices = value;
    }

    public IFeatureCollection ServerFeatures => _inner.ServerFeatures;

    public IDictionary<string, object?> Properties => _inner.Properties;

    /// <summary>Builds the step.</summary>
    /// <param name="proxy">The pipeline that it is for.</param>
    /// <param name="use">Adds the middleware.</param>
    /// <param name="next">Called where the middleware calls the next one.</param>
    public static RequestDelegate Build(IReverseProxyApplicationBuilder proxy, Action<IReverseProxyApplicationBuilder> use, RequestDelegate next)
    {
        var step = new PipelineStep(proxy.New());
        use(step);
        step.Use(_ => next);
        return step.Build();
    }

    public RequestDelegate Build() => _inner.Build();

    public IApplicationBuilder New() => _inner.New();

    public IApplicationBuilder Use(Func<RequestDelegate, RequestDelegate> middleware)
    {
        _inner.Use(middleware);
        return this;
    }
}
