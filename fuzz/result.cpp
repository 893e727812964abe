// Any JSON as what a function returned, files included, and any text as the arguments of a call
// that another wire made: every wire sends them as JSON.

#include "history.h"
#include "protocol/gemini.h"
#include "protocol/interactions.h"
#include "protocol/media.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_responses.h"

using namespace atonce;

namespace {

std::vector<protocol::Message> history_of(const std::string& arguments,
                                          const call::Returned& outcome) {
  const call::Call call{.id = "a", .name = "f", .arguments = arguments};
  return {protocol::UserText{"?"}, protocol::ModelTurn{.calls = {call}},
          protocol::FunctionResults{{{.call = call, .outcome = outcome}}}};
}

void check_requests(const std::vector<protocol::Message>& history) {
  const protocol::ModelRequest request{.messages = history, .tools = {}};
  for (const std::string& sent : {protocol::gemini::write_request(request),
                                  protocol::interactions::write_request(request, {}),
                                  protocol::openai_chat::write_request(request, {}),
                                  protocol::openai_responses::write_request(request, {})}) {
    fuzz::require(json::Document::parse(sent).has_value(), "a request is JSON");
  }
}

void check_files(const std::vector<protocol::Message>& history, const call::Returned& outcome) {
  const auto found = protocol::extract_media(outcome, protocol::shown_below);
  const auto again = protocol::extract_media(found.outcome, protocol::shown_below);
  fuzz::require(again.media.empty(), "no file is left in a result");
  for (const char* model : {"gemini-2.5-flash", "gemini-3-flash"}) {
    const std::string sent =
        protocol::gemini::write_request({.messages = history, .tools = {}}, {.model = model});
    fuzz::require(json::Document::parse(sent).has_value(), "a request is JSON");
    for (const auto& media : found.media) {
      fuzz::require(sent.contains(media.data), "every file is sent");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  check_requests(history_of(text, {"null"}));
  const auto document = json::Document::parse(text);
  if (!document) return 0;
  const call::Returned outcome{std::string(document->root().raw())};
  const std::vector<protocol::Message> history = history_of("{}", outcome);
  check_requests(history);
  check_files(history, outcome);
  return 0;
}
