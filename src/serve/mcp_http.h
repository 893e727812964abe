// MCP over HTTP: the way of one request from its headers to the service, and of its messages back,
// as one JSON text or, once something is said before the answer, as a stream of events.
//
// Thread safety: all functions from any thread; none blocks.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "http/exchange.h"
#include "serve/mcp_service.h"
#include "serve/pulse.h"
#include "serve/session.h"

namespace atonce::serve {

class McpHttp final {
 public:
  // The references must outlive it, and every exchange that it was handed.
  McpHttp(McpService& service, Sessions& sessions, Pulse& pulse)
      : service_(service), sessions_(sessions), pulse_(pulse) {}

  // `caller` is the name of whose token came with it; empty where none is needed.
  void handle(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);

 private:
  struct Incoming;
  void post(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);
  void post_modern(const Incoming& incoming);
  void post_legacy(const Incoming& incoming);
  void open_session(const Incoming& incoming);
  void get(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);
  void remove(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller);
  // The session that the request names; answers the request where there is none.
  [[nodiscard]] std::shared_ptr<Session> find_session(http::Exchange& exchange,
                                                      const std::string& caller);

  McpService& service_;
  Sessions& sessions_;
  Pulse& pulse_;
};

}  // namespace atonce::serve
