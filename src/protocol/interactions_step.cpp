#include "protocol/interactions_step.h"

#include <algorithm>

#include "protocol/interactions_turn.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::interactions {

using json::Kind;
using json::View;

StepAssembly::StepAssembly(const View& step) : type_(text_of(step, "type")) {
  for (const auto& [key, value] : step.members()) {
    if (key == "type" || value.is(Kind::null)) continue;
    if (key == "content" && value.is(Kind::array)) {
      for (const View& content : value.items()) add_content(content_, content);
    } else if (key == "summary" && value.is(Kind::array)) {
      for (const View& content : value.items()) add_content(summary_, content);
    } else if (key == "arguments" && is_call()) {
      first_arguments_ = value.raw();
    } else if (key != "signature" || value.as_string() != "") {
      set(key, value.raw());  // an empty signature only says that one may come
    }
  }
  text_ = visible_text(step);
}

std::string StepAssembly::add(const View& delta) {
  const std::string type = text_of(delta, "type");
  if (type == "arguments_delta") {
    argument_pieces_ += text_of(delta, "arguments");
  } else if (type == "thought_signature") {
    if (const auto signature = delta.find("signature")) set("signature", signature->raw());
  } else if (type == "thought_summary") {
    if (const auto content = delta.find("content")) add_content(summary_, *content);
  } else if (type == "text_annotation_delta") {
    const auto annotations = delta.find("annotations");
    if (!annotations || content_.empty()) return "";
    for (const View& one : annotations->items()) {
      content_.back().annotations.emplace_back(one.raw());
    }
  } else if (type_ == "model_output") {
    add_content(content_, delta);
    if (type != "text") return "";
    std::string piece = text_of(delta, "text");
    text_ += piece;
    return piece;
  } else {
    for (const auto& [key, value] : delta.members()) {
      if (key != "type") set(key, value.raw());
    }
  }
  return "";
}

call::Call StepAssembly::call() const {
  call::Call call{.id = "", .name = "", .arguments = arguments()};
  for (const auto& [key, raw] : members_) {
    const auto document = json::Document::parse(raw);
    const auto text = document ? document->root().as_string() : std::nullopt;
    if (key == "id") call.id = text.value_or("");
    if (key == "name") call.name = text.value_or("");
  }
  return call;
}

void StepAssembly::write(json::Writer& writer) const {
  writer.begin_object().key("type").string(type_);
  for (const auto& [key, raw] : members_) writer.key(key).raw(raw);
  if (is_call()) {
    // Here they must be an object; what the model wrote instead is in the call.
    const auto document = json::Document::parse(arguments());
    const bool is_object = document && document->root().is(Kind::object);
    writer.key("arguments").raw(is_object ? document->root().raw() : "{}");
  }
  if (!content_.empty()) {
    writer.key("content");
    write_contents(writer, content_);
  }
  if (!summary_.empty()) {
    writer.key("summary");
    write_contents(writer, summary_);
  }
  writer.end_object();
}

void StepAssembly::add_content(std::vector<Content>& contents, const View& content) {
  const bool is_text = text_of(content, "type") == "text";
  if (!is_text) {
    contents.push_back({.raw = std::string(content.raw())});
    return;
  }
  if (contents.empty() || !contents.back().raw.empty()) contents.emplace_back();
  contents.back().text += text_of(content, "text");
  const auto annotations = content.find("annotations");
  for (const View& one : annotations ? annotations->items() : std::vector<View>{}) {
    contents.back().annotations.emplace_back(one.raw());
  }
}

void StepAssembly::set(std::string_view key, std::string_view raw) {
  const auto found = std::ranges::find(
      members_, key, [](const auto& one) -> std::string_view { return one.first; });
  if (found != members_.end()) {
    found->second = raw;
  } else {
    members_.emplace_back(key, raw);
  }
}

std::string StepAssembly::arguments() const {
  const bool has_pieces = argument_pieces_.find_first_not_of(" \t\r\n") != std::string::npos;
  if (has_pieces) return argument_pieces_;
  return first_arguments_.empty() ? "{}" : first_arguments_;
}

void StepAssembly::write_contents(json::Writer& writer, const std::vector<Content>& contents) {
  writer.begin_array();
  for (const Content& content : contents) {
    if (!content.raw.empty()) {
      writer.raw(content.raw);
      continue;
    }
    writer.begin_object().key("type").string("text").key("text").string(content.text);
    if (!content.annotations.empty()) {
      writer.key("annotations").begin_array();
      for (const std::string& one : content.annotations) writer.raw(one);
      writer.end_array();
    }
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace atonce::protocol::interactions
