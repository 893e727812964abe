// A model behind an HTTP address: asks, retries what may be retried, and streams when somebody
// listens. What the bytes mean is the wire's business: Gemini, the OpenAI-compatible APIs and
// others are this class with another set of functions.
//
// Thread safety: as Model says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/http_caller.h"
#include "model/model.h"
#include "protocol/stream.h"

namespace atonce::model {

// What a wire has a way to say, whatever the model behind it makes of it.
struct Abilities {
  std::vector<protocol::ProviderTool> provider_tools = {};
  std::vector<std::string> media_types = {};  // "image/" stands for all images; "": for anything
  std::string other_ways = {};                // a hint: which providers have what this one lacks
};

// How a provider is asked to count. Pure functions.
struct CountFunctions {
  std::string url = {};
  std::function<std::string(const protocol::ModelRequest&)> write_request = {};
  std::function<Result<std::int64_t>(std::string_view body)> read_response = {};
};

// What one wire does with bytes. Pure functions but for `adapts`; `streams` says whether the answer
// is asked for in pieces.
struct WireFunctions {
  std::function<std::string(bool streams)> write_url = {};
  std::function<std::string(const protocol::ModelRequest&, bool streams)> write_request = {};
  std::function<Result<protocol::ModelTurn>(std::string_view body)> read_response = {};
  HttpCaller::MakeReader make_reader = {};
  ErrorFunctions errors = {};
  Abilities abilities = {};

  // Those that follow may be empty.
  // A refusal that is the model's answer all the same.
  std::function<std::optional<protocol::ModelTurn>(int status, std::string_view body)>
      read_refusal = {};
  // Told of a refusal: whether it now writes requests in another way that may be taken. It must
  // come to an end with that.
  std::function<bool(int status, std::string_view body)> adapts = {};
  // Puts what the server said when it was asked to go on after what it had said before.
  std::function<void(protocol::ModelTurn& turn, protocol::ModelTurn rest)> append_rest = {};
  std::optional<CountFunctions> count = std::nullopt;
};

// Opens no connection yet. A request is tried again as retry.h says, but never once a part of its
// answer has been told to a listener.
//
// A turn with a continuation token is asked on, the listener being told more of it, at most
// kMostContinuations times; then it is given as it is, with Finish::length and a detail that says
// so.
//
// answer() refuses as check() does; both look at the files of the newest question only, so that a
// conversation with older ones can go on with a model that cannot take them.
[[nodiscard]] std::unique_ptr<Model> make_http_model(HttpModelOptions options, WireFunctions wire);

inline constexpr unsigned kMostContinuations = 8;

}  // namespace atonce::model
