#include "protocol/openai_chat_assembly.h"

#include <algorithm>

#include "protocol/json_fields.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_chat_message.h"

namespace atonce::protocol::openai_chat {

using json::Kind;
using json::View;

MergedMembers::Entry& MergedMembers::entry(std::string_view key, Form form) {
  auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found == entries_.end()) {
    entries_.push_back({std::string(key), "", form});
    found = std::prev(entries_.end());
  }
  if (found->form != form) *found = {std::string(key), "", form};
  return *found;
}

void MergedMembers::set(std::string_view key, std::string_view json) {
  const bool is_known = std::ranges::find(entries_, key, &Entry::key) != entries_.end();
  if (json != "null" || !is_known) entry(key, Form::json).value = json;
}

void MergedMembers::append_text(std::string_view key, std::string_view piece) {
  entry(key, Form::text).value += piece;
}

void MergedMembers::append_items(std::string_view key, const View& array) {
  std::string& items = entry(key, Form::items).value;
  for (const View& item : array.items()) {
    if (!items.empty()) items += ',';
    items += item.raw();
  }
}

void MergedMembers::write(json::Writer& writer) const {
  for (const auto& [key, value, form] : entries_) {
    writer.key(key);
    switch (form) {
      case Form::json: writer.raw(value); break;
      case Form::text: writer.string(value); break;
      case Form::items: writer.raw("[" + value + "]"); break;
    }
  }
}

namespace {

bool is_complete(std::string_view arguments) {
  const auto document = json::Document::parse(arguments);
  return document && document->root().is(Kind::object);
}

}  // namespace

// The call that the piece goes on with, if it does: the last one that its index and id do not
// contradict.
CallAssembly::Part* CallAssembly::find_open(const Piece& piece) {
  const auto is_it = [&](const Part& part) {
    const bool has_index = piece.index && part.index;
    if (has_index && *piece.index != *part.index) return false;
    if (piece.id.empty()) return true;
    return part.id == piece.id || (part.id.empty() && has_index);
  };
  const auto found = std::find_if(calls_.rbegin(), calls_.rend(), is_it);
  if (found == calls_.rend()) return nullptr;
  const bool is_known_by_id = !piece.id.empty() && !found->id.empty();
  return !is_known_by_id && names_another(piece, *found) ? nullptr : &*found;
}

// Where no id tells, the name does: it begins a call, unless it is only repeated.
bool CallAssembly::names_another(const Piece& piece, const Part& open) {
  if (piece.name.empty() || open.name.empty()) return false;
  if (piece.name != open.name) return true;
  if (open.arguments.empty()) return !piece.index;
  return piece.has_arguments && is_complete(open.arguments);
}

CallAssembly::Part& CallAssembly::find_or_begin(const Piece& piece) {
  if (Part* const open = find_open(piece)) return *open;
  for (Part& part : calls_) {
    if (!part.is_told && is_complete(part.arguments)) tell(part);
  }
  Part& part = calls_.emplace_back();
  part.index = piece.index;
  return part;
}

void CallAssembly::add_target(Part& part, const View& target) {
  for (const auto& [key, value] : target.members()) {
    if (key == "name") {
      if (part.name.empty()) part.name = value.as_string().value_or("");
    } else if (key == "arguments" || key == "input") {
      // Both are text in pieces; a custom tool's input becomes JSON when it is whole.
      if (value.is(Kind::null)) continue;
      const std::string piece(value.as_string().value_or(value.raw()));
      part.is_custom = part.is_custom || key == "input";
      // Some servers say the whole call once more at its end.
      const bool is_repeated = piece == part.arguments && piece.ends_with('}');
      if (!is_repeated) part.arguments += piece;
    } else {
      part.function_others.set(key, value.raw());
    }
  }
}

void CallAssembly::add(const View& piece) {
  if (!piece.is(Kind::object)) return;
  const auto target = find_target(piece);
  const auto index = piece.find("index");
  const Piece read{.id = text_of(piece, "id"),
                   .name = target ? text_of(*target, "name") : "",
                   .index = index ? index->as_int64() : std::nullopt,
                   .has_arguments = target && !openai::arguments_text(*target).empty()};
  Part& part = find_or_begin(read);
  for (const auto& [key, value] : piece.members()) {
    const bool is_ours = key == "index" || key == "id" || key == "function" || key == "custom";
    if (!is_ours) part.others.set(key, value.raw());
  }
  if (part.is_told) return;
  if (part.id.empty()) part.id = read.id;
  if (target) add_target(part, *target);
}

void CallAssembly::add_old(const View& function) {
  if (calls_.empty()) calls_.emplace_back();
  if (!calls_.back().is_told) add_target(calls_.back(), function);
}

void CallAssembly::tell(Part& part) {
  if (part.is_told) return;
  part.is_told = true;
  listener_.on_call(to_call(part));
}

void CallAssembly::tell_all() {
  for (Part& part : calls_) tell(part);
}

call::Call CallAssembly::to_call(const Part& part) {
  return {.id = part.id,
          .name = part.name,
          .arguments = part.is_custom ? json::quoted(part.arguments)
                                      : openai::normal_arguments(part.arguments)};
}

std::vector<call::Call> CallAssembly::calls() const {
  std::vector<call::Call> calls;
  for (const Part& part : calls_) calls.push_back(to_call(part));
  return calls;
}

void CallAssembly::write(json::Writer& writer) const {
  writer.begin_array();
  for (const Part& part : calls_) {
    writer.begin_object();
    if (!part.id.empty()) writer.key("id").string(part.id);
    part.others.write(writer);
    writer.key(part.is_custom ? "custom" : "function").begin_object();
    writer.key("name").string(part.name);
    writer.key(part.is_custom ? "input" : "arguments").string(part.arguments);
    part.function_others.write(writer);
    writer.end_object().end_object();
  }
  writer.end_array();
}

}  // namespace atonce::protocol::openai_chat
