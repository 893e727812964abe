#include "model/http_model.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <variant>

namespace atonce::model {
namespace {

using protocol::Message;
using protocol::ModelRequest;
using protocol::ModelTurn;
using protocol::ProviderTool;
using protocol::StreamListener;

std::string_view name_of(ProviderTool tool) {
  switch (tool) {
    case ProviderTool::search: return "search";
    case ProviderTool::code_execution: return "code-execution";
    case ProviderTool::url_context: return "url-context";
  }
  return "";
}

const protocol::UserText* newest_question(const ModelRequest& request) {
  for (const Message& message : std::views::reverse(request.messages)) {
    if (const auto* const question = std::get_if<protocol::UserText>(&message)) return question;
  }
  return nullptr;
}

Result<void> check_abilities(const Abilities& abilities, const ModelRequest& request,
                             const std::string& specification) {
  for (const ProviderTool tool : request.provider_tools) {
    if (std::ranges::find(abilities.provider_tools, tool) != abilities.provider_tools.end()) {
      continue;
    }
    return failure(
        ErrorCode::bad_input,
        "`" + specification + "` has no provider's tool `" + std::string(name_of(tool)) + "`",
        abilities.other_ways);
  }
  const auto* const question = newest_question(request);
  if (question == nullptr) return {};
  for (const protocol::Media& file : question->files) {
    const auto takes = [&](const std::string& type) { return file.media_type.starts_with(type); };
    if (std::ranges::any_of(abilities.media_types, takes)) continue;
    return failure(ErrorCode::bad_input,
                   "`" + specification + "` has no way to take the file `" + file.name + "`, " +
                       file.media_type,
                   abilities.other_ways);
  }
  return {};
}

void end_unfinished(ModelTurn& turn) {
  turn.continuation_token.clear();
  turn.finish = protocol::Finish::length;
  turn.finish_detail = "the answer was still not complete after it was asked on " +
                       std::to_string(kMostContinuations) + " times";
}

class HttpModel final : public Model {
 public:
  HttpModel(HttpModelOptions options, WireFunctions wire)
      : wire_(std::move(wire)), caller_(std::move(options), wire_.errors) {}

  [[nodiscard]] std::string_view name() const override { return caller_.specification(); }

  [[nodiscard]] Result<void> check(const ModelRequest& request) const override {
    return check_abilities(wire_.abilities, request, caller_.specification());
  }

  [[nodiscard]] Result<ModelTurn> answer(const ModelRequest& request,
                                         StreamListener* listener) override {
    if (auto checked = check(request); !checked) return std::unexpected(checked.error());
    auto turn = answer_once(request, listener);
    return turn && wire_.append_rest ? go_on(*std::move(turn), request, listener) : turn;
  }

  [[nodiscard]] Result<std::int64_t> count_tokens(const ModelRequest& request) override {
    if (!wire_.count) return Model::count_tokens(request);
    if (auto checked = check(request); !checked) return std::unexpected(checked.error());
    const auto body = caller_.send(
        caller_.make_request(wire_.count->url, wire_.count->write_request(request), false));
    if (!body) return std::unexpected(body.error().error);
    auto count = wire_.count->read_response(*body);
    if (!count) return std::unexpected(caller_.presentable(count.error()));
    return count;
  }

  void cancel() override { caller_.cancel(); }
  void uncancel() override { caller_.uncancel(); }

 private:
  [[nodiscard]] Result<ModelTurn> answer_once(const ModelRequest& request,
                                              StreamListener* listener) {
    for (;;) {
      auto turn = call(request, listener);
      if (turn) return *std::move(turn);
      const CallFailure& failed = turn.error();
      if (failed.status != 0) {
        auto read =
            wire_.read_refusal ? wire_.read_refusal(failed.status, failed.body) : std::nullopt;
        if (read) return *std::move(read);
        if (wire_.adapts && wire_.adapts(failed.status, failed.body)) continue;
      }
      return std::unexpected(failed.error);
    }
  }

  [[nodiscard]] Called<ModelTurn> call(const ModelRequest& request, StreamListener* listener) {
    const bool streams = listener != nullptr && wire_.make_reader;
    const http::Request asked = caller_.make_request(
        wire_.write_url(streams), wire_.write_request(request, streams), streams);
    if (streams) return caller_.stream(asked, wire_.make_reader, *listener);
    auto body = caller_.send(asked);
    if (!body) return std::unexpected(std::move(body.error()));
    auto turn = wire_.read_response(*body);
    if (!turn) return std::unexpected(CallFailure{caller_.presentable(turn.error())});
    return *std::move(turn);
  }

  [[nodiscard]] Result<ModelTurn> go_on(ModelTurn turn, const ModelRequest& request,
                                        StreamListener* listener) {
    for (unsigned number = 0; !turn.continuation_token.empty(); ++number) {
      if (number == kMostContinuations) {
        end_unfinished(turn);
        break;
      }
      std::vector<Message> messages(request.messages.begin(), request.messages.end());
      messages.emplace_back(turn);
      ModelRequest more = request;
      more.messages = messages;
      auto rest = answer_once(more, listener);
      if (!rest) return rest;
      wire_.append_rest(turn, *std::move(rest));
    }
    return turn;
  }

  const WireFunctions wire_;
  HttpCaller caller_;
};

}  // namespace

std::unique_ptr<Model> make_http_model(HttpModelOptions options, WireFunctions wire) {
  return std::make_unique<HttpModel>(std::move(options), std::move(wire));
}

}  // namespace atonce::model
