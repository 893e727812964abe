// What is asked of an MCP server, over whichever transport it comes: one message in, an answer out
// by way of its Peer, at once or when a call has its outcome.
//
// Thread safety: all functions from any thread; none blocks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/scheduler.h"
#include "serve/asked.h"
#include "serve/catalogue.h"
#include "serve/peer.h"
#include "serve/question_rounds.h"
#include "serve/served_call.h"
#include "serve/session.h"
#include "serve/subscribers.h"

namespace atonce::serve {

struct ServerInfo {
  std::string name = "atonce";
  std::string version = {};
  std::string instructions = {};
};

// The values of all headers of a name; empty over transports without headers.
using FindHeaders = std::function<std::vector<std::string_view>(std::string_view name)>;

class McpService final {
 public:
  // The references must outlive it, and every call that it has started.
  McpService(const Catalogue& catalogue, engine::Scheduler& scheduler, Sessions& sessions,
             Subscribers& subscribers, Clock& clock, ServerInfo info);

  // Answers a request. `headers` is used before it returns.
  void handle(Asked asked, std::shared_ptr<Peer> peer, const FindHeaders* headers);
  // Takes a legacy notification or answer of a client.
  void take(const Asked& asked);

  // A session of a transport that has only this one: it is found by nobody's id, but told of what
  // changes. Null when there are too many.
  [[nodiscard]] std::shared_ptr<Session> open_session(Session::Opened opened) {
    return sessions_.open(std::move(opened));
  }
  void close_session(const Session& session) { sessions_.close(session.id); }

  // Ends every `subscriptions/listen` with its answer.
  void end_subscriptions() { subscribers_.close(); }

  // The result of a legacy `initialize` for that revision.
  [[nodiscard]] std::string initialize_result(protocol::mcp::Revision revision) const;

 private:
  using Method = void (McpService::*)(const Asked&, const std::shared_ptr<Peer>&);

  [[nodiscard]] Method find_method(const Asked& asked) const;
  void discover(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void list_tools(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void list_prompts(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void list_resources(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void list_templates(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void call_tool(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void get_prompt(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void read_resource(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void complete(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void listen(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void ping(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void set_level(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void subscribe(const Asked& asked, const std::shared_ptr<Peer>& peer);
  void unsubscribe(const Asked& asked, const std::shared_ptr<Peer>& peer);

  void list(Listed listed, const Asked& asked, Peer& peer);
  [[nodiscard]] std::string capabilities(protocol::mcp::Revision revision) const;
  void answer(const Asked& asked, Peer& peer, std::string_view members,
              std::string_view type = "complete") const;

  // Makes an outcome the members of a result, or an error.
  using WriteOutcome = std::function<std::expected<std::string, protocol::mcp::RpcError>(
      const call::Outcome& outcome)>;
  void start(const Asked& asked, const std::shared_ptr<Peer>& peer, const call::ToolSpec& spec,
             std::string arguments, WriteOutcome write);
  void finish_call(ServedCall& served, call::Outcome outcome, const WriteOutcome& write);

  const Catalogue& catalogue_;
  engine::Scheduler& scheduler_;
  Sessions& sessions_;
  Subscribers& subscribers_;
  const QuestionRounds rounds_;
  const ServerInfo info_;
  const std::string server_;  // {"name", "version"}
};

}  // namespace atonce::serve
