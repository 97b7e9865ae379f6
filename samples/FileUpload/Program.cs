using System.Security.Cryptography;
using StickyAspire.SocketIO;

const int MaxChunk = 256 * 1024;
const long MaxFile = 100 * 1024 * 1024;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSocketIO(options =>
    options.ClientDirectory = Path.Combine(builder.Environment.ContentRootPath, "../node_modules/socket.io-client/dist"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapSocketIO();

// Where files go, under names of our own.
var folder = Directory.CreateDirectory(app.Configuration["Uploads"] ?? Path.Combine(Path.GetTempPath(), "stickyaspire-uploads")).FullName;

var io = app.Services.GetRequiredService<ISocketIOServer>();
io.OnConnection(socket =>
{
    FileStream? file = null;
    long size = 0;

    // One file at a time on a connection. The client sends the next chunk when it has the answer to the last, so no more than one is ever in memory.
    socket.On("upload:start", (long bytes) =>
    {
        if (file is not null || bytes is <= 0 or > MaxFile)
        {
            throw new SocketIOException($"One file at a time, of 1 to {MaxFile} bytes.");
        }

        size = bytes;
        file = new FileStream(Path.Combine(folder, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite);
        return new { chunk = MaxChunk };
    });

    // The answer is how many bytes are here: the progress, and where a client that lost an answer goes on.
    // Nothing is awaited, so a client's chunks are written one after another, whatever it sends.
    socket.On("upload:chunk", (long offset, byte[] bytes) =>
    {
        if (file is null || bytes is null || offset != file.Length || bytes.Length > MaxChunk || offset + bytes.Length > size)
        {
            throw new SocketIOException("Not the next chunk of a file.");
        }

        file.Write(bytes);
        return file.Length;
    });

    socket.On("upload:end", async () =>
    {
        if (file is not { } whole || whole.Length != size)
        {
            throw new SocketIOException("Not all of the file is here.");
        }

        file = null;
        await using (whole)
        {
            whole.Position = 0;
            return new { id = Path.GetFileName(whole.Name), sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(whole)) };
        }
    });

    socket.OnDisconnect(async _ =>
    {
        if (file is { } unfinished)
        {
            await unfinished.DisposeAsync();
            File.Delete(unfinished.Name);
        }
    });
});

app.Run();
