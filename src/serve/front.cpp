#include "serve/front.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "metrics/metrics.h"

namespace atonce::serve {
namespace {

constexpr std::string_view kPlain = "Content-Type: text/plain; charset=utf-8\r\n";

void answer_text(http::Exchange& exchange, int status, std::string text,
                 std::string_view fields = {}) {
  exchange.answer(status, std::string(kPlain).append(fields), std::move(text) + "\n");
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<std::string_view> bearer_token(const http::Incoming& request) {
  const auto header = request.find("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (!header || header->size() <= kScheme.size()) return std::nullopt;
  const bool is_bearer = std::equal(
      kScheme.begin(), kScheme.end(), header->begin(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  if (!is_bearer) return std::nullopt;
  return trimmed(header->substr(kScheme.size()));
}

}  // namespace

Front::Front(FrontOptions options) : options_(std::move(options)), doors_(options_.doors) {}

void Front::handle(std::shared_ptr<http::Exchange> exchange) {
  const std::string_view path = path_of(exchange->request().target());
  if (path == "/healthz") return answer_text(*exchange, 200, "alive");
  if (path == "/readyz") return answer_readiness(*exchange);
  const auto caller = let_in(*exchange);
  if (!caller) return;
  route(exchange, *caller);
}

std::optional<std::string> Front::let_in(http::Exchange& exchange) const {
  const http::Incoming& request = exchange.request();
  if (const auto refused = doors_.check(request.find("host"), request.find("origin"))) {
    answer_text(exchange, refused->status, refused->why);
    return std::nullopt;
  }
  auto caller = know_caller(exchange);
  if (!caller || !keeps_rate(exchange, *caller)) return std::nullopt;
  return caller;
}

std::optional<std::string> Front::know_caller(http::Exchange& exchange) const {
  if (options_.tokens == nullptr) return "";
  const auto token = bearer_token(exchange.request());
  auto owner = token ? options_.tokens->owner_of(*token) : std::nullopt;
  if (owner) return owner;
  const std::string_view challenge = token ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                           : "WWW-Authenticate: Bearer\r\n";
  answer_text(exchange, 401,
              token ? "this token is not known here" : "send `Authorization: Bearer TOKEN`",
              challenge);
  return std::nullopt;
}

bool Front::keeps_rate(http::Exchange& exchange, const std::string& caller) const {
  if (options_.rate_limit == nullptr) return true;
  const std::string who = caller.empty() ? std::string(exchange.request().remote()) : caller;
  const auto wait = options_.rate_limit->take(who);
  if (!wait) return true;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  answer_text(exchange, 429, "too many requests", fmt::format("Retry-After: {}\r\n", seconds));
  return false;
}

void Front::route(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  const std::string_view path = path_of(exchange->request().target());
  if (path == "/mcp" || path == "/mcp/") return answer_mcp(exchange, caller);
  if (path == "/metrics" && options_.metrics) {
    return exchange->answer(200, fmt::format("Content-Type: {}\r\n", metrics::kMediaType),
                            options_.metrics());
  }
  answer_text(
      *exchange, 404,
      "there is nothing at this path; MCP is at /mcp, and /healthz, /readyz and /metrics say "
      "how the server is");
}

void Front::answer_mcp(const std::shared_ptr<http::Exchange>& exchange, const std::string& caller) {
  if (McpHttp* const mcp = mcp_.load(std::memory_order_acquire)) {
    return mcp->handle(exchange, caller);
  }
  std::unique_lock lock(mutex_);
  if (McpHttp* const mcp = mcp_.load(std::memory_order_acquire)) {  // just now
    lock.unlock();
    return mcp->handle(exchange, caller);
  }
  if (waiting_.size() < options_.most_waiting) {
    waiting_.push_back({exchange, caller});
    return;
  }
  lock.unlock();
  answer_text(*exchange, 503, "the tools are being loaded", "Retry-After: 1\r\n");
}

void Front::open(McpHttp& mcp) {
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    mcp_.store(&mcp, std::memory_order_release);
    waiting = std::exchange(waiting_, {});
  }
  for (const Waiting& each : waiting) mcp.handle(each.exchange, each.caller);
}

void Front::answer_readiness(http::Exchange& exchange) const {
  std::optional<std::string> why;
  if (is_closing_) {
    why = "the server is ending";
  } else if (mcp_.load(std::memory_order_acquire) == nullptr) {
    why = "the tools are being loaded";
  } else if (options_.not_ready) {
    why = options_.not_ready();
  }
  answer_text(exchange, why ? 503 : 200, why.value_or("ready"));
}

}  // namespace atonce::serve
