// What the embedded model writes, read while it is being written: whole characters of text and
// whole lines of calls, each as soon as it is there.
//
// No llama.cpp here. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "call/call.h"
#include "protocol/message.h"
#include "protocol/stream.h"

namespace atonce::model {

// The words of a block that is a call of reply_to_user, as far as they are there: escapes are read,
// and half a character or half an escape at the end is left out. Nothing for any other block.
[[nodiscard]] std::optional<std::string> read_reply(std::string_view block);

// A text that grows, told piece by piece. The pieces are whole characters, and joined they are
// text().
class TextReader final {
 public:
  // The listener may be null.
  explicit TextReader(protocol::StreamListener* listener) : listener_(listener) {}

  // The text so far, which begins with what was shown before.
  void show(std::string_view text);

  // As show(), of bytes that may end in half a character or hold invalid ones. Blanks around the
  // text are left out.
  void show_bytes(std::string_view bytes);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  protocol::StreamListener* const listener_;
  std::string text_;
};

// A block of calls or of one reply, read into a turn: its calls and text, and what it says of a
// line that cannot be read.
class BlockReader final {
 public:
  // Whether a call was made already, so that it is no new wish.
  using IsKnown = std::function<bool(const call::Call&)>;

  // The turn must outlive it; the listener may be null. The first call's id is
  // "call_<first_number>".
  BlockReader(protocol::ModelTurn& turn, protocol::StreamListener* listener, IsKnown is_known,
              std::size_t first_number);

  // The block so far, which begins with what was shown before; true when it is complete.
  [[nodiscard]] bool show(std::string_view block);

 private:
  void read_line(std::string_view line);
  void take(call::Call call);

  protocol::ModelTurn& turn_;
  protocol::StreamListener* const listener_;
  const IsKnown is_known_;
  std::size_t number_;
  std::size_t read_bytes_ = 0;  // of the block, up to the end of the last whole line
  TextReader reply_;
};

}  // namespace atonce::model
