// Asks other servers over HTTP/1.1, with TLS for https. Bytes in, bytes out: this folder knows no
// dialect and no JSON.
//
// Certificates and host names are verified against the system's roots, or those that SSL_CERT_FILE
// and SSL_CERT_DIR name. Redirects are not followed. One connection is kept per client and used
// again for the same origin; if it turns out to be closed before anything of an answer came, the
// request is sent once more on a fresh one.
//
// Thread safety: send() is called by one thread at a time; cancel() from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/header.h"
#include "http/proxy.h"

namespace atonce::http {

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers = {};  // Host, Content-Length and Connection are the client's own
  std::string body = {};
  std::chrono::milliseconds timeout = std::chrono::minutes(1);  // of all of it, once connected
};

struct Response {
  int status = 0;
  std::vector<Header> headers = {};  // as they came, in order
  std::string body = {};

  // The first header of that name, in whatever case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

struct ClientOptions {
  ProxySettings proxies = proxies_from_environment();
  std::string user_agent = "atonce";
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(20);  // name, TCP, TLS, proxy
  std::size_t max_body_bytes = std::size_t{64} << 20;
  std::size_t max_header_bytes = std::size_t{64} << 10;
};

class Client final {
 public:
  // A piece of a body as it arrives; returns whether more of it is wanted. Called on the thread
  // that is in send(); must not throw.
  using OnChunk = std::function<bool(std::string_view)>;

  explicit Client(ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Blocks until the answer is there, whatever its status.
  // Errors:
  //   bad_input     the URL or a header cannot be used
  //   not_found     there is no host of that name
  //   unavailable   no connection, or it was closed before an answer began; trying again may help
  //   bad_response  TLS was refused, what came is not HTTP, ended early or is over a limit
  //   timed_out     no whole answer within the request's timeout
  //   cancelled
  [[nodiscard]] Result<Response> send(const Request& request) { return send(request, {}); }

  // The same, but the body of a 2xx answer goes to `on_chunk` as it arrives and Response::body
  // stays empty. After an error some of it may have been handed on. When it wants no more, the rest
  // is not waited for: send() returns the answer's status and headers, and the connection is
  // closed.
  [[nodiscard]] Result<Response> send(const Request& request, const OnChunk& on_chunk);

  // Makes a running send() return `cancelled` soon, and every later one at once.
  void cancel();

  // Takes cancel() back. For the thread that calls send(), not while it does.
  void uncancel();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atonce::http
