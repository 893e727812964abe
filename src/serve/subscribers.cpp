#include "serve/subscribers.h"

#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/mcp_message.h"

namespace atonce::serve {
namespace {

using protocol::mcp::write_notification;

constexpr std::string_view kIdKey = "io.modelcontextprotocol/subscriptionId";

bool is_list(std::string_view what) {
  return what == "tools" || what == "prompts" || what == "resources";
}

bool wants(const Wanted& wanted, std::string_view what) {
  if (what == "tools") return wanted.tools;
  if (what == "prompts") return wanted.prompts;
  if (what == "resources") return wanted.resources;
  return wanted.uris.contains(std::string(what));
}

std::string method_for(std::string_view what) {
  return is_list(what) ? "notifications/" + std::string(what) + "/list_changed"
                       : "notifications/resources/updated";
}

// {"uri"?, "_meta": {"...subscriptionId": id}}; `id` is empty where there is none.
std::string params_for(std::string_view what, std::string_view id) {
  json::Writer writer;
  writer.begin_object();
  if (!is_list(what)) writer.key("uri").string(what);
  if (!id.empty()) writer.key("_meta").begin_object().key(kIdKey).raw(id).end_object();
  writer.end_object();
  return writer.take();
}

std::string acknowledgement(std::string_view id, const Wanted& wanted) {
  json::Writer writer;
  writer.begin_object().key("_meta").begin_object().key(kIdKey).raw(id).end_object();
  writer.key("notifications").begin_object();
  if (wanted.tools) writer.key("toolsListChanged").boolean(true);
  if (wanted.prompts) writer.key("promptsListChanged").boolean(true);
  if (wanted.resources) writer.key("resourcesListChanged").boolean(true);
  if (!wanted.uris.empty()) {
    writer.key("resourceSubscriptions").begin_array();
    for (const std::string& uri : wanted.uris) writer.string(uri);
    writer.end_array();
  }
  writer.end_object().end_object();
  return write_notification("notifications/subscriptions/acknowledged", writer.take());
}

std::string last_answer(std::string_view id) {
  json::Writer writer;
  writer.begin_object().key("resultType").string("complete").key("_meta").begin_object();
  writer.key(kIdKey).raw(id).end_object().end_object();
  return protocol::mcp::write_response(id, writer.take());
}

}  // namespace

void Subscribers::add(std::string id, Wanted wanted, std::shared_ptr<Peer> peer) {
  peer->send(acknowledgement(id, wanted));
  std::unique_lock lock(mutex_);
  if (is_closed_) {
    lock.unlock();
    return peer->finish(last_answer(id), 200);
  }
  const std::uint64_t number = next_++;
  listeners_.emplace(number, Listener{std::move(id), std::move(wanted), peer});
  lock.unlock();
  peer->on_gone([this, number] { remove(number); });
}

void Subscribers::remove(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(number);
}

void Subscribers::tell(std::string_view what) {
  std::vector<std::pair<std::string, std::shared_ptr<Peer>>> told;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, each] : listeners_) {
      if (wants(each.wanted, what)) told.emplace_back(each.id, each.peer);
    }
  }
  for (const auto& [id, peer] : told) {
    peer->send(write_notification(method_for(what), params_for(what, id)));
  }
  const std::string message =
      write_notification(method_for(what), is_list(what) ? "" : params_for(what, ""));
  sessions_.each([&](Session& session) {
    if (is_list(what) || session.is_subscribed(std::string(what))) session.send(message);
  });
}

void Subscribers::close() {
  std::map<std::uint64_t, Listener> all;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    all = std::exchange(listeners_, {});
  }
  for (const auto& [number, each] : all) each.peer->finish(last_answer(each.id), 200);
}

std::size_t Subscribers::count() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size();
}

}  // namespace atonce::serve
