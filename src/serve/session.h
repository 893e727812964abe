// What a client of a legacy revision has opened with `initialize`, and what is under way in it.
//
// Thread safety: all functions from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "protocol/mcp_message.h"
#include "protocol/mcp_revision.h"
#include "serve/peer.h"

namespace atonce::serve {

// A way to a client that is open: what is sent there belongs to no request.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual bool send(std::string_view message) = 0;  // false: it is closed
  virtual void close() = 0;
};

class Session final {
 public:
  struct Opened {
    protocol::mcp::Revision revision = protocol::mcp::kNewestLegacy;
    std::string caller = {};    // who opened it; nobody else may use it
    std::string client = "{}";  // as write_client() makes it
    std::string capabilities = "{}";
  };
  Session(std::string id, Opened opened, Time now);

  const std::string id;
  const Opened opened;

  // ---- what the client has said

  [[nodiscard]] std::string log_level() const;
  void set_log_level(std::string level);
  void subscribe(const std::string& uri);
  void unsubscribe(const std::string& uri);
  [[nodiscard]] bool is_subscribed(const std::string& uri) const;

  // ---- its own stream, for what belongs to no request

  // False when there is one already.
  [[nodiscard]] bool open_stream(std::shared_ptr<Stream> stream);
  void drop_stream(const Stream* stream);
  void end_stream();                    // and whatever runs goes on
  void send(std::string_view message);  // lost when there is no stream

  // ---- questions of ours

  // Sends a question by way of `peer` and waits for its answer until then. Nothing when none came,
  // or when `is_over` turned true; end_wait() makes waiting threads look.
  [[nodiscard]] std::optional<std::string> ask(std::string_view method, std::string_view params,
                                               Peer& peer, Time until,
                                               const std::function<bool()>& is_over);
  void end_wait();
  // An answer from the client: JSON of its result, or of {"error": ...}. False: nobody asked that.
  bool answer(std::string_view question, std::string result);

  // ---- what runs

  // How to cancel the request of that id.
  void begin(const std::string& request, std::function<void()> cancel);
  void end(const std::string& request);
  void cancel(const std::string& request);

  [[nodiscard]] Time last_used() const;
  void touch(Time now);
  [[nodiscard]] bool is_busy() const;
  void close();  // ends its stream and all that runs

 private:
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  // Guarded by mutex_.
  std::string log_level_ = "debug";
  std::set<std::string> subscribed_;
  std::shared_ptr<Stream> stream_;
  std::map<std::string, std::optional<std::string>, std::less<>> asked_;  // by id: its answer
  std::map<std::string, std::function<void()>> running_;
  std::uint64_t next_question_ = 1;
  Time last_used_;
  bool is_closed_ = false;
};

class Sessions final {
 public:
  struct Options {
    std::size_t most = 10'000;
    Duration idle = std::chrono::minutes(30);
  };
  Sessions(Options options, Clock& clock) : options_(options), clock_(clock) {}

  // A new one; null when there are too many.
  [[nodiscard]] std::shared_ptr<Session> open(Session::Opened opened);
  // Null when there is none of that id, or it is somebody else's.
  [[nodiscard]] std::shared_ptr<Session> find(const std::string& id, std::string_view caller);
  void close(const std::string& id);
  // Calls it with every one.
  void each(const std::function<void(Session&)>& visit) const;

 private:
  void drop_idle(Time now);  // with mutex_

  const Options options_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;  // guarded by mutex_
};

// What an `initialize` says of its client. A revision that is none of the legacy ones becomes the
// newest of them.
[[nodiscard]] Session::Opened opened_by(const protocol::mcp::Message& initialize,
                                        std::string caller);

// What a tool is told of its client: {"name", "version", "capabilities"}, of what the client says
// of itself and its capabilities, JSON. A name or version that is no text is left out.
[[nodiscard]] std::string write_client(const std::optional<json::View>& info,
                                       std::string_view capabilities);

// So many random bytes, in hexadecimal.
[[nodiscard]] std::string random_name(std::size_t bytes);

}  // namespace atonce::serve
