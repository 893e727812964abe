#include "protocol/gemini_contents.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "protocol/call_answers.h"
#include "protocol/json_fields.h"
#include "protocol/media.h"

namespace atonce::protocol::gemini {
namespace {

// Gemini 3 refuses calls of the current turn without a signature; this one, which Google documents,
// stands for calls that the model did not make itself. On the first call of a step only.
constexpr std::string_view kForeignSignature = "skip_thought_signature_validator";

void write_text_part(json::Writer& writer, std::string_view text) {
  writer.begin_object().key("text").string(text).end_object();
}

// Only in a result may the data have a name.
void write_data_part(json::Writer& writer, const Media& media, bool is_named) {
  writer.begin_object().key("inlineData").begin_object();
  writer.key("mimeType").string(media.media_type).key("data").string(media.data);
  if (is_named) writer.key("displayName").string(media.name);
  writer.end_object().end_object();
}

void write_user(json::Writer& writer, const UserText& user) {
  writer.begin_object().key("role").string("user").key("parts").begin_array();
  if (!user.text.empty() || user.files.empty()) write_text_part(writer, user.text);
  for (const Media& file : user.files) write_data_part(writer, file, false);
  writer.end_array().end_object();
}

// A turn that did not come over this wire. What has neither text nor calls is left out: the API
// refuses contents without parts.
void write_foreign_turn(json::Writer& writer, const ModelTurn& turn) {
  if (turn.text.empty() && turn.calls.empty()) return;
  writer.begin_object().key("role").string("model").key("parts").begin_array();
  if (!turn.text.empty()) write_text_part(writer, turn.text);
  for (const call::Call& call : turn.calls) {
    writer.begin_object().key("functionCall").begin_object();
    if (!call.id.empty()) writer.key("id").string(call.id);
    writer.key("name").string(plain_name(call.name));
    // Other dialects carry arguments as text, which need not be JSON; args must be an object.
    writer.key("args").raw(read_object(call.arguments).value_or("{}")).end_object();
    if (&call == &turn.calls.front()) writer.key("thoughtSignature").string(kForeignSignature);
    writer.end_object();
  }
  writer.end_array().end_object();
}

// The model's own content goes back byte for byte, except that one without a role is given it.
// Returns whether that was done; else the turn was written anew.
bool write_turn(json::Writer& writer, const ModelTurn& turn) {
  const auto document = json::Document::parse(turn.raw_content);
  const auto parts = document ? document->root().find("parts") : std::nullopt;
  if (turn.wire != Wire::gemini || !parts || !parts->is(json::Kind::array) ||
      parts->items().empty()) {
    write_foreign_turn(writer, turn);
    return false;
  }
  if (document->root().find("role")) {
    writer.raw(document->root().raw());
    return true;
  }
  writer.begin_object().key("role").string("model");
  copy_members(writer, document->root(), {});
  writer.end_object();
  return true;
}

// Writes the contents one by one, minding which calls the next results answer.
class ContentsWriter {
 public:
  ContentsWriter(json::Writer& writer, bool takes_response_parts)
      : writer_(writer), takes_response_parts_(takes_response_parts) {}

  void write(const Message& message) {
    if (const auto* turn = std::get_if<ModelTurn>(&message)) {
      const bool is_own = write_turn(writer_, *turn);
      for (const call::Call& call : turn->calls) {
        asked_.push_back({call.id, is_own ? call.name : plain_name(call.name)});
      }
      return;
    }
    if (const auto* results = std::get_if<FunctionResults>(&message)) {
      write_results(*results);
    } else {
      write_user(writer_, std::get<UserText>(message));
    }
    asked_.clear();
  }

 private:
  // A call as it was written.
  struct Asked {
    std::string id;
    std::string name;
  };

  // All results in one content, in call order: the API counts them against the calls. The ids of
  // the calls that they answer count; the engine's own are used only if it cannot be those.
  void write_results(const FunctionResults& results) {
    if (results.calls.empty()) return;
    const bool has_asked = asked_.size() == results.calls.size();
    std::vector<LateMedia> late;
    writer_.begin_object().key("role").string("user").key("parts").begin_array();
    for (std::size_t at = 0; at < results.calls.size(); ++at) {
      const call::Finished& finished = results.calls[at];
      const Asked own{finished.call.id, plain_name(finished.call.name)};
      const Asked& asked = has_asked ? asked_[at] : own;
      for (Media& media : write_response(finished.outcome, asked)) {
        late.push_back(make_late(std::move(media), at + 1, asked.name));
      }
    }
    writer_.end_array().end_object();
    write_late(late);
  }

  // Returns the files that no part of the response may hold.
  std::vector<Media> write_response(const call::Outcome& outcome, const Asked& asked) {
    writer_.begin_object().key("functionResponse").begin_object();
    if (!asked.id.empty()) writer_.key("id").string(asked.id);
    writer_.key("name").string(asked.name).key("response").begin_object();
    OutcomeWithMedia found = extract_media(outcome, [this](const Media& media) {
      if (!is_response_part(media)) return shown_below(media);
      return json::Writer().begin_object().key("$ref").string(media.name).end_object().take();
    });
    if (const auto* returned = std::get_if<call::Returned>(&found.outcome)) {
      writer_.key("output").raw(returned->result).end_object();
    } else {
      writer_.key("error").string(describe(outcome)).end_object();
    }
    const auto late = std::ranges::stable_partition(
        found.media, [this](const Media& media) { return is_response_part(media); });
    write_response_parts({found.media.begin(), late.begin()});
    writer_.end_object().end_object();
    return {late.begin(), late.end()};
  }

  void write_response_parts(std::span<const Media> parts) {
    if (parts.empty()) return;
    writer_.key("parts").begin_array();
    for (const Media& media : parts) write_data_part(writer_, media, true);
    writer_.end_array();
  }

  // Sounds and films are taken from people only, and older models take no file in a result.
  [[nodiscard]] bool is_response_part(const Media& media) const {
    const MediaKind kind = kind_of(media.media_type);
    return takes_response_parts_ && (kind == MediaKind::image || kind == MediaKind::document);
  }

  void write_late(const std::vector<LateMedia>& late) {
    if (late.empty()) return;
    writer_.begin_object().key("role").string("user").key("parts").begin_array();
    for (const auto& [label, media] : late) {
      write_text_part(writer_, label);
      write_data_part(writer_, media, false);
    }
    writer_.end_array().end_object();
  }

  json::Writer& writer_;
  const bool takes_response_parts_;
  std::vector<Asked> asked_;  // and not answered yet
};

}  // namespace

bool is_gemini_3_or_later(std::string_view model) {
  const auto at = model.rfind("gemini-");
  if (at == std::string_view::npos) return false;
  const std::string_view version = model.substr(at + std::string_view("gemini-").size());
  int number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  return error == std::errc{} ? number >= 3 : version.ends_with("-latest");
}

void write_contents(json::Writer& writer, std::span<const Message> messages,
                    std::string_view model) {
  writer.begin_array();
  ContentsWriter contents(writer, is_gemini_3_or_later(model));
  for (const Message& message : messages) contents.write(message);
  writer.end_array();
}

}  // namespace atonce::protocol::gemini
