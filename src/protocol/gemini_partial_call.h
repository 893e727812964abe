// A call of Gemini that comes in pieces (Vertex, streamFunctionCallArguments): the pieces name a
// value by its path in the arguments, and strings come bit by bit. Used by gemini_turn.h only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "call/call.h"

namespace atonce::protocol::gemini {

// The arguments as far as they have come.
class PartialArguments final {
 public:
  // One element of `partialArgs`. Strings for the same path are joined; other values replace.
  // Errors: bad_response for a path or value that cannot be, or that contradicts an earlier one.
  [[nodiscard]] Result<void> add(const json::View& piece);

  // Starts anew from whole arguments.
  void set(const json::View& arguments);

  [[nodiscard]] std::string json() const;  // an object

 private:
  struct Value {
    enum class Kind { none, scalar, text, object, array };
    Kind kind = Kind::none;
    std::string text = {};                // of text: the string; of scalar: its JSON
    std::vector<std::string> names = {};  // of object, beside `values`
    std::vector<Value> values = {};       // of object and array
  };
  struct Step {
    bool is_index = false;
    std::string name = {};
    std::size_t index = 0;
  };

  static bool parse_path(std::string_view path, std::vector<Step>& steps);
  static bool parse_bracket(std::string_view& path, std::vector<Step>& steps);
  static bool assign(Value& value, const json::View& piece);
  static Value value_of(const json::View& view);
  static void write(json::Writer& writer, const Value& value);
  Value* find(const std::vector<Step>& steps);
  Value* child(Value& value, const Step& step);

  Value root_{.kind = Value::Kind::object};
  std::size_t values_ = 0;  // made so far
};

class PartialCall final {
 public:
  // `part` is the one that opens the call; its pieces are then added, those of `part` included.
  explicit PartialCall(const json::View& part);

  // Errors: as PartialArguments::add().
  [[nodiscard]] Result<void> add(const json::View& part, const json::View& call);

  [[nodiscard]] call::Call call() const { return {id_, name_, arguments_.json()}; }

  // The part as it would be if the call had come in one: what stood beside the call (the thought
  // signature) is kept.
  [[nodiscard]] std::string part() const;

 private:
  void keep_siblings(const json::View& part);

  std::string id_;
  std::string name_;
  PartialArguments arguments_;
  std::vector<std::pair<std::string, std::string>> siblings_;  // name and JSON
};

}  // namespace atonce::protocol::gemini
