// A service behind a real server on this machine, and clients that send exactly what a test says.
#pragma once

#include <cstdlib>
#include <string>

#include "http/raw_client.h"
#include "http/server.h"
#include "serve/fakes.h"
#include "serve/front.h"
#include "serve/mcp_http.h"
#include "serve/pulse.h"

namespace atonce::serve {

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;

  // The value of a header, which is looked for as it is written; "" if it is not there.
  [[nodiscard]] std::string header(const std::string& name) const {
    const std::size_t begin = head.find("\r\n" + name + ": ");
    if (begin == std::string::npos) return "";
    const std::size_t from = begin + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }

  // The messages of a stream of events.
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> messages;
    constexpr std::string_view kBegin = "event: message\ndata: ";
    for (std::size_t at = 0; (at = body.find(kBegin, at)) != std::string::npos;) {
      at += kBegin.size();
      messages.push_back(body.substr(at, body.find("\n\n", at) - at));
    }
    return messages;
  }
};

class HttpClient {
 public:
  explicit HttpClient(unsigned short port) : raw(port) {}

  void post(const std::string& headers, const std::string& body) {
    raw.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + headers +
             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  void request(const std::string& method, const std::string& path, const std::string& headers) {
    raw.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  // The next answer, whole.
  HttpAnswer read() {
    HttpAnswer answer = read_head();
    if (answer.header("Transfer-Encoding") == "chunked") {
      for (std::string chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) {
        answer.body += chunk;
      }
    } else {
      answer.body =
          raw.read_bytes(std::strtoul(answer.header("Content-Length").c_str(), nullptr, 10));
    }
    return answer;
  }
  HttpAnswer read_head() {
    HttpAnswer answer;
    answer.head = raw.read_until("\r\n\r\n");
    answer.status = answer.head.size() > 12 ? std::atoi(answer.head.c_str() + 9) : 0;
    return answer;
  }
  // One piece of an answer in pieces; "" at its end.
  std::string read_chunk() {
    const std::size_t size = std::strtoul(raw.read_until("\r\n").c_str(), nullptr, 16);
    std::string chunk = raw.read_bytes(size);
    raw.read_until("\r\n");
    return chunk;
  }

  http::RawClient raw;
};

inline const std::string kBoth = "Accept: application/json, text/event-stream\r\n";
inline const std::string kPlain = "Content-Type: application/json\r\n" + kBoth;

inline std::string modern_headers(const std::string& method, const std::string& name = "") {
  return kPlain + "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n" +
         (name.empty() ? "" : "Mcp-Name: " + name + "\r\n");
}

// Everything that is served over HTTP: add tools, then listen().
struct HttpService : Service<SteadyClock> {
  FrontOptions options;
  Pulse pulse;
  std::unique_ptr<McpHttp> mcp_http;
  std::unique_ptr<Front> front;
  std::unique_ptr<http::Server> server;

  // Calls that still run use all of the above.
  ~HttpService() {
    server.reset();
    if (scheduler) static_cast<void>(scheduler->stop(std::chrono::seconds(20)));
  }

  // Without tools yet.
  void listen_only() {
    front = std::make_unique<Front>(options);
    auto listening = http::Server::listen(
        {.port = 0}, [this](std::shared_ptr<http::Exchange> it) { front->handle(std::move(it)); });
    if (!listening) return ADD_FAILURE() << listening.error().message;
    server = *std::move(listening);
  }
  void open_front() {
    mcp_http = std::make_unique<McpHttp>(*mcp, *sessions, pulse);
    front->open(*mcp_http);
  }
  void listen(Sessions::Options session_options = {}) {
    open({.pool = {.places = 8}}, session_options);
    listen_only();
    open_front();
  }

  [[nodiscard]] HttpClient client() const { return HttpClient(server->port()); }

  HttpAnswer post(const std::string& headers, const std::string& body) const {
    HttpClient one = client();
    one.post(headers, body);
    return one.read();
  }
  HttpAnswer request(const std::string& method, const std::string& path,
                     const std::string& headers = "") const {
    HttpClient one = client();
    one.request(method, path, headers);
    return one.read();
  }
};

}  // namespace atonce::serve
