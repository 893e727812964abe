// Puts a chat message together from the deltas of a stream, in the form of a unary answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "call/call.h"
#include "protocol/stream.h"

namespace atonce::protocol::openai_chat {

// The members of an object that comes in pieces, each as JSON text, in the order of their first
// coming. Null never replaces a value.
class MergedMembers final {
 public:
  void set(std::string_view key, std::string_view json);
  void append_text(std::string_view key, std::string_view piece);
  void append_items(std::string_view key, const json::View& array);
  void write(json::Writer& writer) const;

 private:
  enum class Form { json, text, items };
  struct Entry {
    std::string key;
    std::string value;
    Form form;
  };
  Entry& entry(std::string_view key, Form form);

  std::vector<Entry> entries_;
};

// The calls of a stream. Servers key their pieces by index, by id, by both or by neither, and some
// use index 0 for every call.
class CallAssembly final {
 public:
  explicit CallAssembly(StreamListener& listener) : listener_(listener) {}  // must outlive it

  // An element of a delta's `tool_calls`.
  void add(const json::View& piece);
  // A piece of the old form, `function_call`.
  void add_old(const json::View& function);
  // No more is to come for the calls so far: those not yet told are.
  void tell_all();

  [[nodiscard]] bool is_empty() const { return calls_.empty(); }
  [[nodiscard]] std::vector<call::Call> calls() const;
  void write(json::Writer& writer) const;  // as the array that `tool_calls` is

 private:
  struct Part {
    std::string id = {};
    std::string name = {};
    std::string arguments = {};
    std::optional<std::int64_t> index = std::nullopt;
    bool is_custom = false;
    bool is_told = false;  // it is then not changed any more
    MergedMembers others = {};
    MergedMembers function_others = {};
  };

  // What an element of `tool_calls` says of which call it is about.
  struct Piece {
    std::string id;
    std::string name;
    std::optional<std::int64_t> index;
    bool has_arguments;
  };

  Part& find_or_begin(const Piece& piece);
  Part* find_open(const Piece& piece);
  static bool names_another(const Piece& piece, const Part& open);
  void tell(Part& part);
  static void add_target(Part& part, const json::View& target);
  static call::Call to_call(const Part& part);

  StreamListener& listener_;
  std::vector<Part> calls_;
};

}  // namespace atonce::protocol::openai_chat
