#include "serve/mcp_stdio.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "protocol/mcp_http.h"

namespace atonce::serve {
namespace {

using protocol::mcp::Batch;
using protocol::mcp::Message;
using protocol::mcp::Revision;
using protocol::mcp::RpcError;

// What is read up to a line's end; false at the end of the input, or when `stop` is readable or
// closed at its other end.
bool read_some(int input, int stop, std::string& text) {
  std::array<pollfd, 2> watched{pollfd{.fd = input, .events = POLLIN, .revents = 0},
                                pollfd{.fd = stop, .events = POLLIN, .revents = 0}};
  while (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
  if (watched[1].revents != 0) return false;  // written to, or closed
  std::array<char, 65'536> buffer{};
  const ssize_t count = read(input, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace

class McpStdio::StdioPeer final : public Peer {
 public:
  StdioPeer(McpStdio& stdio, std::string id) : stdio_(stdio), id_(std::move(id)) {}

  bool send(std::string_view message) override {
    const std::lock_guard lock(mutex_);
    if (is_finished_) return false;
    stdio_.write(message);
    return true;
  }

  void finish(std::string message, int) override {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(is_finished_, true)) return;
      stdio_.write(message);
    }
    const std::lock_guard lock(stdio_.mutex_);
    stdio_.running_.erase(id_);
    stdio_.finished_.notify_all();
  }

  void on_gone(std::move_only_function<void()> gone) override {
    std::unique_lock lock(mutex_);
    if (is_finished_) return;
    if (!is_gone_) {
      gone_ = std::move(gone);
      return;
    }
    lock.unlock();
    gone();
  }

  // The client wants no answer any more: none is sent.
  void leave() {
    std::move_only_function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      if (is_finished_) return;
      is_finished_ = is_gone_ = true;
      gone = std::move(gone_);
    }
    if (gone) gone();
  }

 private:
  McpStdio& stdio_;
  const std::string id_;
  std::mutex mutex_;
  // Guarded by mutex_.
  bool is_finished_ = false;
  bool is_gone_ = false;
  std::move_only_function<void()> gone_;
};

// What belongs to no request goes the same way as the rest.
class McpStdio::OwnStream final : public Stream {
 public:
  explicit OwnStream(McpStdio& stdio) : stdio_(stdio) {}
  bool send(std::string_view message) override { return stdio_.write(message), true; }
  void close() override {}

 private:
  McpStdio& stdio_;
};

McpStdio::McpStdio(McpService& service, int input, std::function<void(std::string_view)> output)
    : service_(service), input_(input), output_(std::move(output)) {}

void McpStdio::run(int stop_input, Duration grace) {
  std::string text;
  bool is_open = true;
  while (is_open) {
    is_open = read_some(input_, stop_input, text);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      take_line(std::string_view(text).substr(begin, end - begin));
    }
    text.erase(0, begin);
    if (text.size() > kMostBytes) {
      write(protocol::mcp::write_error(
          "null", {protocol::mcp::kInvalidRequest, "the line is longer than 16 MiB"}));
      is_open = false;
    }
  }
  if (text.size() <= kMostBytes) take_line(text);  // the last one may lack its end
  end(grace);
}

// Who writes requests to a program and closes, as `echo ... | atonce serve --stdio`, wants answers.
void McpStdio::end(Duration grace) {
  service_.end_subscriptions();
  std::vector<std::string> left;
  {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, grace, [this] { return running_.empty(); });
    for (const auto& [id, peer] : running_) left.push_back(id);
  }
  for (const std::string& id : left) cancel(id);
  if (session_) service_.close_session(*session_);
}

void McpStdio::take_line(std::string_view line) {
  if (trimmed(line).empty()) return;
  auto read = protocol::mcp::read_batch(line);
  if (!read) return write(protocol::mcp::write_error("null", read.error()));
  const bool has_batches = session_ && session_->opened.revision == Revision::v2025_03_26;
  if (read->is_array && !has_batches) {
    return write(protocol::mcp::write_error(
        "null", {protocol::mcp::kInvalidRequest, "one message is sent at a time"}));
  }
  const auto batch = std::make_shared<const Batch>(*std::move(read));
  for (const Message& message : batch->messages) take(batch, message);
}

void McpStdio::take(const std::shared_ptr<const Batch>& batch, const Message& message) {
  const bool is_modern =
      protocol::mcp::has_modern_meta(message) && message.method() != "initialize";
  const Asked asked{
      .batch = batch,
      .message = &message,
      .revision = is_modern || !session_ ? Revision::v2026_07_28 : session_->opened.revision,
      .session = is_modern ? nullptr : session_};
  if (message.kind() != Message::Kind::request) {
    if (message.method() == "notifications/cancelled") {
      if (const auto id = message.param("requestId")) cancel(id->raw());
    }
    if (session_) service_.take({batch, &message, asked.revision, session_, ""});
    return;
  }
  if (message.method() == "initialize") return open_session(message);
  if (is_modern) {
    if (const auto wrong = protocol::mcp::check_modern({}, message, false)) {
      return write(protocol::mcp::write_error(message.id(), *wrong));
    }
  } else if (!session_ && message.method() == "ping") {
    return write(protocol::mcp::write_response(message.id(), "{}"));
  } else if (!session_) {
    return write(protocol::mcp::write_error(
        message.id(), {protocol::mcp::kInvalidRequest,
                       "begin with `initialize`, or say the revision in `params._meta`"}));
  }
  const auto peer = std::make_shared<StdioPeer>(*this, std::string(message.id()));
  {
    const std::lock_guard lock(mutex_);
    running_[std::string(message.id())] = peer;
  }
  service_.handle(asked, peer, nullptr);
}

void McpStdio::open_session(const Message& message) {
  if (session_) service_.close_session(*session_);
  session_ = service_.open_session(opened_by(message, ""));
  const bool is_open = session_ && session_->open_stream(std::make_shared<OwnStream>(*this));
  ATONCE_CHECK(is_open, "a session that is the only one can be opened");
  write(protocol::mcp::write_response(message.id(),
                                      service_.initialize_result(session_->opened.revision)));
}

void McpStdio::cancel(std::string_view id) {
  std::shared_ptr<StdioPeer> peer;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    peer = found->second.lock();
    running_.erase(found);
  }
  if (peer) peer->leave();
}

void McpStdio::write(std::string_view message) {
  const std::lock_guard lock(output_mutex_);
  output_(message);
}

}  // namespace atonce::serve
