// Puts one step of an interaction together from the pieces of a stream, in the form that the unary
// answer has. Used by interactions_stream.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "call/call.h"

namespace atonce::protocol::interactions {

class StepAssembly final {
 public:
  // `step` is that of step.start.
  explicit StepAssembly(const json::View& step);

  // The delta of step.delta. Returns the visible text that it adds.
  std::string add(const json::View& delta);

  [[nodiscard]] const std::string& text() const { return text_; }  // visible
  [[nodiscard]] bool is_call() const { return type_ == "function_call"; }

  // Arguments that are no JSON are kept as the text that they are.
  [[nodiscard]] call::Call call() const;

  void write(json::Writer& writer) const;

 private:
  // Contents in order; those of type text that follow each other are one.
  struct Content {
    std::string text = {};
    std::vector<std::string> annotations = {};
    std::string raw = {};  // of any other content
  };

  void add_content(std::vector<Content>& contents, const json::View& content);
  void set(std::string_view key, std::string_view raw);
  [[nodiscard]] std::string arguments() const;
  static void write_contents(json::Writer& writer, const std::vector<Content>& contents);

  std::string type_;
  std::string text_;
  std::vector<std::pair<std::string, std::string>> members_;  // all others, as raw JSON
  std::vector<Content> content_;                              // of a model's output
  std::vector<Content> summary_;                              // of a thought
  std::string first_arguments_;                               // as the step began, raw
  std::string argument_pieces_;
};

}  // namespace atonce::protocol::interactions
