#include "serve/session.h"

#include <openssl/rand.h>

#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace atonce::serve {

Session::Session(std::string id_, Opened opened_, Time now)
    : id(std::move(id_)), opened(std::move(opened_)), last_used_(now) {}

std::string Session::log_level() const {
  const std::lock_guard lock(mutex_);
  return log_level_;
}

void Session::set_log_level(std::string level) {
  const std::lock_guard lock(mutex_);
  log_level_ = std::move(level);
}

void Session::subscribe(const std::string& uri) {
  const std::lock_guard lock(mutex_);
  subscribed_.insert(uri);
}

void Session::unsubscribe(const std::string& uri) {
  const std::lock_guard lock(mutex_);
  subscribed_.erase(uri);
}

bool Session::is_subscribed(const std::string& uri) const {
  const std::lock_guard lock(mutex_);
  return subscribed_.contains(uri);
}

bool Session::open_stream(std::shared_ptr<Stream> stream) {
  const std::lock_guard lock(mutex_);
  if (stream_ || is_closed_) return false;
  stream_ = std::move(stream);
  return true;
}

void Session::drop_stream(const Stream* stream) {
  const std::lock_guard lock(mutex_);
  if (stream_.get() == stream) stream_.reset();
}

void Session::end_stream() {
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    stream = std::exchange(stream_, nullptr);
  }
  if (stream) stream->close();
}

void Session::send(std::string_view message) {
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    stream = stream_;
  }
  if (stream && !stream->send(message)) drop_stream(stream.get());
}

std::optional<std::string> Session::ask(std::string_view method, std::string_view params,
                                        Peer& peer, Time until,
                                        const std::function<bool()>& is_over) {
  std::string question;
  {
    const std::lock_guard lock(mutex_);
    question = json::quoted("atonce-" + std::to_string(next_question_++));
    asked_.emplace(question, std::nullopt);
  }
  const bool is_sent = peer.send(protocol::mcp::write_request(question, method, params));
  std::unique_lock lock(mutex_);
  const auto has_answer = [&] { return asked_[question].has_value(); };
  if (is_sent) {
    answered_.wait_until(lock, until, [&] { return is_closed_ || is_over() || has_answer(); });
  }
  std::optional<std::string> answer = std::move(asked_[question]);
  asked_.erase(question);
  return answer;
}

void Session::end_wait() {
  const std::lock_guard lock(mutex_);
  answered_.notify_all();
}

bool Session::answer(std::string_view question, std::string result) {
  const std::lock_guard lock(mutex_);
  const auto asked = asked_.find(question);
  if (asked == asked_.end()) return false;
  asked->second = std::move(result);
  answered_.notify_all();
  return true;
}

void Session::begin(const std::string& request, std::function<void()> cancel) {
  const std::lock_guard lock(mutex_);
  running_[request] = std::move(cancel);
}

void Session::end(const std::string& request) {
  const std::lock_guard lock(mutex_);
  running_.erase(request);
}

void Session::cancel(const std::string& request) {
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(request);
    if (found == running_.end()) return;
    cancel = std::move(found->second);
    running_.erase(found);
  }
  cancel();
}

Time Session::last_used() const {
  const std::lock_guard lock(mutex_);
  return last_used_;
}

void Session::touch(Time now) {
  const std::lock_guard lock(mutex_);
  last_used_ = now;
}

bool Session::is_busy() const {
  const std::lock_guard lock(mutex_);
  return stream_ != nullptr || !running_.empty();
}

void Session::close() {
  std::shared_ptr<Stream> stream;
  std::map<std::string, std::function<void()>> running;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    stream = std::exchange(stream_, nullptr);
    running = std::exchange(running_, {});
    answered_.notify_all();
  }
  if (stream) stream->close();
  for (const auto& [request, cancel] : running) cancel();
}

std::shared_ptr<Session> Sessions::open(Session::Opened opened) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  drop_idle(now);
  if (sessions_.size() >= options_.most) return nullptr;
  auto session = std::make_shared<Session>(random_name(16), std::move(opened), now);
  sessions_[session->id] = session;
  return session;
}

void Sessions::drop_idle(Time now) {
  std::erase_if(sessions_, [&](const auto& each) {
    return !each.second->is_busy() && now - each.second->last_used() > options_.idle;
  });
}

std::shared_ptr<Session> Sessions::find(const std::string& id, std::string_view caller) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->opened.caller != caller) return nullptr;
  const bool is_idle = now - found->second->last_used() > options_.idle;
  if (is_idle && !found->second->is_busy()) {
    sessions_.erase(found);
    return nullptr;
  }
  found->second->touch(now);
  return found->second;
}

void Sessions::close(const std::string& id) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    session = std::move(found->second);
    sessions_.erase(found);
  }
  session->close();
}

void Sessions::each(const std::function<void(Session&)>& visit) const {
  std::vector<std::shared_ptr<Session>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, session] : sessions_) all.push_back(session);
  }
  for (const auto& session : all) visit(*session);
}

Session::Opened opened_by(const protocol::mcp::Message& initialize, std::string caller) {
  const auto asked = protocol::mcp::revision_of(initialize.text_param("protocolVersion"));
  const bool is_legacy = asked && !protocol::mcp::is_modern(*asked);
  Session::Opened opened{.revision = is_legacy ? *asked : protocol::mcp::kNewestLegacy,
                         .caller = std::move(caller)};
  const auto capabilities = initialize.param("capabilities");
  if (capabilities && capabilities->is(json::Kind::object)) {
    opened.capabilities = capabilities->raw();
  }
  opened.client = write_client(initialize.param("clientInfo"), opened.capabilities);
  return opened;
}

std::string write_client(const std::optional<json::View>& info, std::string_view capabilities) {
  json::Writer client;
  client.begin_object();
  for (const std::string_view member : {"name", "version"}) {
    const auto value = info ? info->find(member) : std::nullopt;
    if (value && value->is(json::Kind::string)) client.key(member).raw(value->raw());
  }
  return client.key("capabilities").raw(capabilities).end_object().take();
}

std::string random_name(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  const int made = RAND_bytes(random.data(), static_cast<int>(bytes));
  ATONCE_CHECK(made == 1, "the system has random bytes");
  return to_hexadecimal(random);
}

}  // namespace atonce::serve
