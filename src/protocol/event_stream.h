// Reads server-sent events (text/event-stream) while they come, as leniently as real servers need:
// lines end in \n, \r\n or \r, the blank after `data:` may be missing, and the last event counts
// even without the blank line after it.
//
// A JSON document that stands bare in the stream, as some servers send their error half way or
// instead of events, is told as an event of its own. Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/json_array_stream.h"

namespace atonce::protocol {

struct ServerEvent {
  std::string type = {};  // the `event:` field; empty if there is none
  std::string data = {};  // the `data:` lines, joined by \n; UTF-8 is not checked here
  std::string id = {};    // the last `id:` so far
  bool is_bare = false;   // `data` is a JSON document that was no event
};

class EventStream final {
 public:
  static constexpr std::size_t kMostEventBytes = std::size_t{64} << 20;

  // Told each event that has data, in order. An error that it returns ends feed() with that error.
  using OnEvent = std::function<Result<void>(const ServerEvent& event)>;

  explicit EventStream(OnEvent on_event, std::size_t max_event_bytes = kMostEventBytes);
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // The next bytes, split anywhere. After an error the stream is to be given up.
  // Errors: bad_response for an event that is too long or a bare document that is no JSON; those of
  // `on_event`.
  [[nodiscard]] Result<void> feed(std::string_view bytes);

  // The end of the stream: tells an event that no blank line ended.
  // Errors: as feed(); bad_response when a bare document is not complete.
  [[nodiscard]] Result<void> finish();

 private:
  [[nodiscard]] Result<void> take_line(std::string_view line);
  [[nodiscard]] Result<void> take_field(std::string_view line);
  [[nodiscard]] Result<void> take_bare(std::string_view line);
  [[nodiscard]] Result<void> dispatch();
  [[nodiscard]] Result<void> check_size(std::size_t more) const;

  OnEvent on_event_;
  std::size_t max_event_bytes_;
  JsonArrayStream bare_;
  std::string line_;  // of the open line, what came before the bytes now fed
  ServerEvent event_;
  bool has_data_ = false;
  bool is_after_cr_ = false;
  bool is_first_line_ = true;
};

}  // namespace atonce::protocol
