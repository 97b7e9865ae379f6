import { AbortError, HttpClient, HttpError, HttpResponse, TimeoutError } from "@microsoft/signalr";

/** SignalR's HTTP client on `fetch` alone: no cookie is ever kept or sent. */
export class PlainHttpClient extends HttpClient {
  async send(request) {
    const abort = new AbortController();
    let late = false;
    const timer = request.timeout && setTimeout(() => ((late = true), abort.abort()), request.timeout);
    if (request.abortSignal) {
      if (request.abortSignal.aborted) {
        throw new AbortError();
      }
      request.abortSignal.onabort = () => abort.abort();
    }
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { "Content-Type": "text/plain;charset=UTF-8", "X-Requested-With": "XMLHttpRequest", ...request.headers },
        body: request.content || undefined,
        redirect: "follow",
        signal: abort.signal,
      });
      const content = request.responseType === "arraybuffer" ? await response.arrayBuffer() : await response.text();
      if (!response.ok) {
        throw new HttpError(`${response.status} ${content || response.statusText}`, response.status);
      }
      return new HttpResponse(response.status, response.statusText, content);
    } catch (error) {
      if (late) {
        throw new TimeoutError();
      }
      if (abort.signal.aborted) {
        throw new AbortError();
      }
      throw error;
    } finally {
      clearTimeout(timer);
      if (request.abortSignal) {
        request.abortSignal.onabort = null;
      }
    }
  }

  getCookieString() {
    return "";
  }
}
