#include "http/url.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace atonce::http {
namespace {

constexpr std::string_view kForm = "a URL is such as https://example.com/path";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    const char* const digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      result += static_cast<char>(value);
      at += 2;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// The URL for an error message: user name and password are nobody's business.
std::string shown(std::string_view text) {
  const std::size_t slashes = text.find("//");
  const std::size_t from = slashes == std::string_view::npos ? 0 : slashes + 2;
  const std::size_t at = text.substr(0, text.find_first_of("/?#", from)).rfind('@');
  std::string result(text);
  if (at != std::string_view::npos && at >= from) result.replace(from, at - from, "...");
  return result;
}

// host, host:port, [v6] or [v6]:port
bool parse_authority(std::string_view text, Url& url) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    url.userinfo = percent_decoded(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    url.host = lower(text.substr(1, end - 1));
    if (!is_ip_address(url.host)) return false;
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    url.host = lower(text.substr(0, colon));
    port = colon == std::string_view::npos ? "" : text.substr(colon);
  }
  url.port = url.is_https ? 443 : 80;
  if (port.size() > 1) {
    const auto number = parse_port(port.substr(1));
    if (!port.starts_with(':') || !number) return false;
    url.port = *number;
  }
  return !url.host.empty();
}

}  // namespace

bool is_ip_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

bool Url::is_loopback() const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? host == "localhost" || host.ends_with(".localhost") : address.is_loopback();
}

std::string Url::authority() const {
  const bool is_usual = port == (is_https ? 443 : 80);
  if (!is_usual) return host_and_port();
  return host.contains(':') ? "[" + host + "]" : host;
}

std::string Url::host_and_port() const {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::origin() const { return (is_https ? "https://" : "http://") + host_and_port(); }

Result<Url> parse_url(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return failure(ErrorCode::bad_input, "`" + shown(text) + "` is not a usable URL: " + why,
                   std::string(kForm));
  };
  const bool has_strange = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
  if (has_strange) return refuse("it has a blank or control character");
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return refuse("it has no scheme");
  const std::string scheme = lower(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return refuse("the scheme is `" + scheme + "`, not http or https");
  }
  Url url{.is_https = scheme == "https"};
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  if (!parse_authority(rest.substr(0, authority_end), url)) {
    return refuse("the host or port is missing or wrong");
  }
  const std::string_view target = rest.substr(authority_end);
  url.target = target.substr(0, target.find('#'));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace atonce::http
