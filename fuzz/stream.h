// What must hold for every wire's reader of streams, whatever bytes it is fed.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/stream.h"
#include "target.h"

namespace atonce::fuzz {

class Told final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override {
    require(json::to_valid_utf8(piece) == piece, "a piece of text is UTF-8");
    text += piece;
  }
  void on_call(const call::Call& call) override { calls.push_back(call); }

  std::string text;
  std::vector<call::Call> calls;
};

using MakeReader = std::unique_ptr<protocol::StreamReader> (*)(protocol::StreamListener&);

inline Result<protocol::ModelTurn> read_stream(MakeReader make_reader, std::string_view text,
                                               std::size_t size, Told& told) {
  const auto reader = make_reader(told);
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const std::string piece(text.substr(0, size));  // its own memory: for the sanitizers
    if (auto fed = reader->feed(piece); !fed) return std::unexpected(fed.error());
  }
  return reader->finish();
}

struct Streamed {
  protocol::ModelTurn turn;
  Told told;
};

// Reads the text whole and in pieces of `size` bytes, and requires that both say the same. Nothing
// if it is no answer.
inline std::optional<Streamed> read_in_two_ways(MakeReader make_reader, std::string_view text,
                                                std::size_t size) {
  Told told;
  Told told_split;
  auto whole = read_stream(make_reader, text, std::max<std::size_t>(1, text.size()), told);
  const auto split = read_stream(make_reader, text, size, told_split);
  require(whole.has_value() == split.has_value(), "a split does not decide");
  require(told.text == told_split.text, "a split changes no text");
  require(told.calls == told_split.calls, "a split changes no call");
  if (!whole) {
    require(whole.error() == split.error(), "a split changes no error");
    return std::nullopt;
  }
  require(whole->raw_content == split->raw_content, "a split changes nothing that is echoed");
  return Streamed{*std::move(whole), std::move(told)};
}

}  // namespace atonce::fuzz
