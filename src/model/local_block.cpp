#include "model/local_block.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/grammar.h"
#include "model/local_calls.h"

namespace atonce::model {
namespace {

constexpr std::string_view kFence = "```";

// The bytes that a character beginning with `lead` has; 1 for a byte that begins none.
std::size_t size_of_character(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0 && byte < 0xF8) return 4;
  if (byte >= 0xE0) return byte < 0xF0 ? 3 : 1;
  return byte >= 0xC0 ? 2 : 1;
}

// The bytes of the escape at the front of `text`, once all of them could be there. The two halves
// of a character beyond 0xFFFF, as JSON writes it, are one escape.
std::size_t size_of_escape(std::string_view text) {
  const char kind = text.size() > 1 ? text[1] : '\0';
  if (kind == 'x') return 4;
  if (kind == 'U') return 10;
  if (kind != 'u') return 2;
  const bool is_half = text.size() > 3 && (text[2] == 'd' || text[2] == 'D') &&
                       std::string_view("89abAB").contains(text[3]);
  const std::string_view next = text.substr(std::min<std::size_t>(text.size(), 6), 2);
  const bool has_other = std::string_view("\\u").starts_with(next);
  return is_half && has_other ? 12 : 6;
}

// How much of a string's inside, up to its closing quote, consists of whole characters.
std::size_t whole_bytes(std::string_view inside) {
  std::size_t at = 0;
  while (at < inside.size() && inside[at] != '"') {
    const std::size_t size =
        inside[at] == '\\' ? size_of_escape(inside.substr(at)) : size_of_character(inside[at]);
    if (at + size > inside.size()) return at;
    at += size;
  }
  return at;
}

// `text` without half a character at its end.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const std::size_t size = size_of_character(text[text.size() - back]);
    if (size > back) return text.substr(0, text.size() - back);
    if (size > 1) return text;
  }
  return text;
}

}  // namespace

std::optional<std::string> read_reply(std::string_view block) {
  const std::string opening = std::string(kReplyName) + "(" + std::string(kReplyKey) + "=\"";
  if (!block.starts_with(opening)) return std::nullopt;
  const std::string_view inside = block.substr(opening.size());
  const auto calls =
      read_call_block(opening + std::string(inside.substr(0, whole_bytes(inside))) + "\")");
  if (!calls || calls->empty()) return std::nullopt;
  const auto arguments = json::Document::parse(calls->front().arguments);
  const auto text = arguments ? arguments->root().find(kReplyKey) : std::nullopt;
  return std::string(text ? text->as_string().value_or("") : "");
}

void TextReader::show(std::string_view text) {
  if (text.size() <= text_.size()) return;
  const std::string_view piece = text.substr(text_.size());
  text_ += piece;
  if (listener_ != nullptr) listener_->on_text(piece);
}

void TextReader::show_bytes(std::string_view bytes) {
  show(json::to_valid_utf8(trimmed(whole_characters(bytes))));
}

BlockReader::BlockReader(protocol::ModelTurn& turn, protocol::StreamListener* listener,
                         IsKnown is_known, std::size_t first_number)
    : turn_(turn),
      listener_(listener),
      is_known_(std::move(is_known)),
      number_(first_number),
      reply_(listener) {}

bool BlockReader::show(std::string_view block) {
  if (const auto reply = read_reply(block)) {
    reply_.show(*reply);
    turn_.text = reply_.text();
  } else {
    for (std::size_t end; (end = block.find('\n', read_bytes_)) != std::string_view::npos;) {
      read_line(block.substr(read_bytes_, end - read_bytes_));
      read_bytes_ = end + 1;
    }
  }
  return block.ends_with("\n" + std::string(kFence));
}

void BlockReader::read_line(std::string_view line) {
  auto calls = read_call_block(line);
  if (!calls) {
    turn_.finish = protocol::Finish::malformed_call;
    turn_.finish_detail = calls.error().message;
    return;
  }
  for (call::Call& call : *calls) take(std::move(call));
}

void BlockReader::take(call::Call call) {
  const bool is_repeated = std::ranges::any_of(turn_.calls, [&](const call::Call& other) {
    return other.name == call.name && other.arguments == call.arguments;
  });
  if (is_repeated || is_known_(call)) return;
  call.id = "call_" + std::to_string(number_++);
  turn_.calls.push_back(std::move(call));
  if (listener_ != nullptr) listener_->on_call(turn_.calls.back());
}

}  // namespace atonce::model
