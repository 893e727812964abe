#include "protocol/event_stream.h"

#include <utility>

namespace atonce::protocol {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether a line that is no field begins a JSON document. A lone [DONE] does not.
bool begins_document(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  if (line[first] == '{') return true;
  const auto second = line.find_first_not_of(" \t", first + 1);
  return line[first] == '[' && (second == std::string_view::npos || line[second] == '{');
}

}  // namespace

EventStream::EventStream(OnEvent on_event, std::size_t max_event_bytes)
    : on_event_(std::move(on_event)),
      max_event_bytes_(max_event_bytes),
      bare_(
          [this](std::string_view document) {
            return on_event_({.data = std::string(document), .id = event_.id, .is_bare = true});
          },
          max_event_bytes) {}

Result<void> EventStream::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (is_after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    is_after_cr_ = false;
    const auto end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (auto fits = check_size(piece.size()); !fits) return fits;
    if (end == std::string_view::npos) {
      line_ += piece;
      return {};
    }
    is_after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {}).append(piece);
    if (auto taken = take_line(line); !taken) return taken;
  }
  return {};
}

Result<void> EventStream::finish() {
  const std::string line = std::exchange(line_, {});
  if (!line.empty()) {
    if (auto taken = take_line(line); !taken) return taken;
  }
  if (auto closed = bare_.finish(); !closed) return closed;
  return dispatch();
}

Result<void> EventStream::take_line(std::string_view line) {
  if (std::exchange(is_first_line_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (!bare_.is_complete()) return take_bare(line);
  if (line.empty()) return dispatch();
  if (begins_document(line)) {
    if (auto told = dispatch(); !told) return told;
    return take_bare(line);
  }
  return take_field(line);
}

Result<void> EventStream::take_field(std::string_view line) {
  const auto colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    event_.id = value;
  }
  return {};  // comments have an empty name; unknown fields mean nothing
}

Result<void> EventStream::take_bare(std::string_view line) {
  if (auto fed = bare_.feed(line); !fed) return fed;
  return bare_.feed("\n");
}

Result<void> EventStream::dispatch() {
  const ServerEvent event = std::exchange(event_, {.id = event_.id});
  return std::exchange(has_data_, false) ? on_event_(event) : Result<void>{};
}

Result<void> EventStream::check_size(std::size_t more) const {
  if (line_.size() + event_.data.size() + more <= max_event_bytes_) return {};
  return failure(ErrorCode::bad_response, "an event of the server's stream is longer than " +
                                              std::to_string(max_event_bytes_) + " bytes");
}

}  // namespace atonce::protocol
