#include "model/gemini_address.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"
#include "model/gemini_client.h"

namespace atonce::model {
namespace {

constexpr std::string_view kDeveloperBase = "https://generativelanguage.googleapis.com";
constexpr std::string_view kVertexHost = "aiplatform.googleapis.com";

// "v1", "v1beta", "v1beta1", "v1alpha", "v1main": what may end a base address.
bool is_version(std::string_view segment) {
  if (!segment.starts_with('v')) return false;
  segment.remove_prefix(1);
  const std::size_t digits = segment.find_first_not_of("0123456789");
  if (digits == 0 || segment.empty()) return false;
  if (digits == std::string_view::npos) return true;
  segment.remove_prefix(digits);
  while (!segment.empty() && segment.back() >= '0' && segment.back() <= '9') {
    segment.remove_suffix(1);
  }
  return segment == "alpha" || segment == "beta" || segment == "main";
}

std::string vertex_host(const GeminiOptions& options) {
  const std::string& location = options.location;
  if (options.project.empty() || location == "global") return std::string(kVertexHost);
  // The two that are made of several regions have names of another form.
  if (location == "us" || location == "eu") return "aiplatform." + location + ".rep.googleapis.com";
  return location + "-" + std::string(kVertexHost);
}

// Up to and with the version, without a slash at its end.
std::string base_of(const GeminiOptions& options, std::string_view version) {
  std::string base = options.base_url;
  if (base.empty()) {
    base = options.is_vertex ? "https://" + vertex_host(options) : std::string(kDeveloperBase);
  }
  while (base.ends_with('/')) base.pop_back();
  if (is_version(std::string_view(base).substr(base.rfind('/') + 1))) return base;
  return base + "/" + std::string(options.api_version.empty() ? version : options.api_version);
}

// What stands for the model on Vertex: whose it is, or which endpoint it has been given.
std::string vertex_model(const std::string& model) {
  for (const std::string_view kind : {"publishers/", "models/", "endpoints/"}) {
    if (model.starts_with(kind)) return model;
  }
  const auto slash = model.find('/');
  if (slash == std::string::npos) return "publishers/google/models/" + model;
  return "publishers/" + model.substr(0, slash) + "/models/" + model.substr(slash + 1);
}

std::string model_path(const GeminiOptions& options) {
  const std::string& model = options.model;
  if (!options.is_vertex) return model.contains('/') ? model : "models/" + model;
  if (model.starts_with("projects/")) return model;
  const std::string place = options.project.empty() ? ""
                                                    : "projects/" + options.project +
                                                          "/locations/" + options.location + "/";
  return place + vertex_model(model);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
  });
}

}  // namespace

std::string method_url(const GeminiOptions& options, std::string_view method) {
  const std::string_view version = options.is_vertex ? "v1" : "v1beta";
  return base_of(options, version) + "/" + percent_encoded(model_path(options), "/@") + ":" +
         std::string(method);
}

std::string interactions_url(const GeminiOptions& options) {
  return base_of(options, "v1beta") + "/interactions";
}

// Vertex lists its models in its beta only.
std::string models_url(const GeminiOptions& options, std::string_view page_token) {
  std::string url = base_of(options, options.is_vertex ? "v1beta1" : "v1beta");
  url += options.is_vertex ? "/publishers/google/models?pageSize=200" : "/models?pageSize=1000";
  if (!page_token.empty()) url += "&pageToken=" + percent_encoded(page_token, "");
  return url;
}

Result<void> check_address(const GeminiOptions& options) {
  if (options.is_vertex && !options.project.empty() && !is_name(options.project)) {
    return failure(ErrorCode::bad_input, "`" + options.project + "` is no project's id",
                   "correct GOOGLE_CLOUD_PROJECT");
  }
  if (options.is_vertex && !is_name(options.location)) {
    return failure(ErrorCode::bad_input, "`" + options.location + "` is no location",
                   "correct GOOGLE_CLOUD_LOCATION; global and us-central1 are two");
  }
  if (const auto url = http::parse_url(models_url(options, "")); !url) {
    Error error = url.error();
    error.hint =
        options.is_vertex ? "correct GOOGLE_VERTEX_BASE_URL" : "correct GOOGLE_GEMINI_BASE_URL";
    return std::unexpected(std::move(error));
  }
  return {};
}

}  // namespace atonce::model
