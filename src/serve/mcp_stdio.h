// MCP over standard input and output: one message a line, in both eras side by side.
//
// Thread safety: run() on one thread, once; everything else is its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "serve/mcp_service.h"

namespace atonce::serve {

class McpStdio final {
 public:
  // `output` gets whole lines. The references must outlive every call that was started.
  McpStdio(McpService& service, int input, std::function<void(std::string_view line)> output);

  // Takes messages until the input ends, or `stop_input` is readable or closed at its other end.
  // Then what runs may take until `grace` is over; the rest is cancelled.
  void run(int stop_input, Duration grace = {});

 private:
  class StdioPeer;
  class OwnStream;
  void take_line(std::string_view line);
  void take(const std::shared_ptr<const protocol::mcp::Batch>& batch,
            const protocol::mcp::Message& message);
  void open_session(const protocol::mcp::Message& message);
  void cancel(std::string_view id);
  void end(Duration grace);
  void write(std::string_view message);

  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of a line

  McpService& service_;
  const int input_;
  const std::function<void(std::string_view)> output_;
  std::shared_ptr<Session> session_;  // of the legacy era, once it is open
  std::mutex output_mutex_;           // for output_ only
  std::mutex mutex_;
  std::condition_variable finished_;                                      // something that ran
  std::map<std::string, std::weak_ptr<StdioPeer>, std::less<>> running_;  // guarded by mutex_
};

}  // namespace atonce::serve
