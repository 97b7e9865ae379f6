using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using StickyAspire.Yarp.Sessions;

namespace Yarp.Tests.Sessions;

/// <summary>What ends with a request ends once, last in first out, whatever else happens.</summary>
public sealed class RequestScopeTests
{
    private readonly RequestScope _scope = new();
    private readonly DefaultHttpContext _context = new();
    private readonly List<string> _ended = [];

    [Fact]
    public void End_TheLastThatHasBegunIsFirst_AndEachEndsOnce()
    {
        Push("first");
        Push("second");

        _scope.EndTo(null, _context, hasThrown: false);
        _scope.EndTo(null, _context, hasThrown: false);

        Assert.Equal(["second ended", "first ended"], _ended);
    }

    [Fact]
    public void EndTo_AnAttemptEnds_TheRequestGoesOn()
    {
        Push("request");
        var mark = _scope.Top;
        Push("attempt");

        _scope.EndTo(mark, _context, hasThrown: false);
        Assert.Equal(["attempt ended"], _ended);

        Push("next attempt");
        _scope.EndTo(null, _context, hasThrown: false);
        Assert.Equal(["attempt ended", "next attempt ended", "request ended"], _ended);
    }

    [Fact]
    public void End_OneThatFails_KeepsNoOtherFromEnding()
    {
        Push("first");
        _scope.Push(new Hold("second", _ended, fails: true));
        Push("third");

        Assert.Throws<InvalidOperationException>(() => _scope.EndTo(null, _context, hasThrown: false));

        Assert.Equal(["third ended", "second ended", "first ended"], _ended);
    }

    [Fact]
    public void End_ALeaseThatIsTaken_IsLeftTo_AndOneThatIsOnlyOfferedIsNot()
    {
        Push("offered");
        _scope.Lease = new SessionLease();
        _scope.EndTo(null, _context, hasThrown: false);

        Push("taken");
        _scope.Lease.Take();
        _scope.EndTo(null, _context, hasThrown: false);

        Assert.Equal(["offered ended", "taken left"], _ended);
    }

    [Fact]
    public void Lease_IsFoundByItsRequest_OnlyWhenTaken()
    {
        Assert.Null(SessionLease.Of(_context));
        _context.Features.Set(_scope);
        _scope.Lease = new SessionLease();
        Assert.Null(SessionLease.Of(_context));
        _scope.Lease.Take();
        Assert.Same(_scope.Lease, SessionLease.Of(_context));
    }

    [Fact]
    public async Task Middleware_AnException_EndsTheScopeAndSaysSo()
    {
        var app = new ApplicationBuilder(null!);
        app.Use(next => new RequestScopeMiddleware(next).InvokeAsync);
        app.Run(context =>
        {
            RequestScope.Of(context).Push(new Hold("hold", _ended));
            return Task.FromException(new TimeoutException());
        });

        await Assert.ThrowsAsync<TimeoutException>(() => app.Build()(_context));

        Assert.Equal(["hold threw"], _ended);
    }

    [Fact]
    public void Of_ARequestThatHasNone_SaysWhatIsMissing() =>
        Assert.Contains("UseStickySessions", Assert.Throws<InvalidOperationException>(() => RequestScope.Of(_context)).Message, StringComparison.Ordinal);

    private void Push(string name) => _scope.Push(new Hold(name, _ended));

    private sealed class Hold(string name, List<string> ended, bool fails = false) : RequestHold
    {
        public override void End(HttpContext context, bool hasThrown)
        {
            ended.Add(hasThrown ? $"{name} threw" : $"{name} ended");
            if (fails)
            {
                throw new InvalidOperationException(name);
            }
        }

        public override void Leave(HttpContext context, SessionLease lease) => ended.Add($"{name} left");
    }
}
