// One request of a client's, with what is known of who asks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/mcp_message.h"
#include "protocol/mcp_revision.h"
#include "serve/session.h"

namespace atonce::serve {

struct Asked {
  std::shared_ptr<const protocol::mcp::Batch> batch;  // keeps the message
  const protocol::mcp::Message* message = nullptr;
  protocol::mcp::Revision revision = protocol::mcp::Revision::v2026_07_28;
  std::shared_ptr<Session> session = nullptr;  // legacy only
  std::string caller = {};                     // the token's name; empty where none is asked for

  [[nodiscard]] std::string_view id() const { return message->id(); }
  [[nodiscard]] std::string_view method() const { return message->method(); }
  [[nodiscard]] bool is_modern() const { return protocol::mcp::is_modern(revision); }

  // What the client declared that it can do: JSON.
  [[nodiscard]] std::string capabilities() const {
    if (session) return session->opened.capabilities;
    const auto declared = message->meta("io.modelcontextprotocol/clientCapabilities");
    return declared ? std::string(declared->raw()) : "{}";
  }
};

}  // namespace atonce::serve
