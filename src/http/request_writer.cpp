#include "http/request_writer.h"

#include <openssl/evp.h>

#include <algorithm>

namespace atonce::http {
namespace {

bool is_token(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  };
  return !text.empty() && std::ranges::all_of(text, is_allowed);
}

bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string base64(const std::string& text) {
  std::string coded((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a null
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  coded.resize(static_cast<std::size_t>(length));
  return coded;
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_proxy_authorization(std::string& head, const Url& proxy) {
  if (proxy.userinfo.empty()) return;
  add_header(head, "Proxy-Authorization", "Basic " + base64(proxy.userinfo));
}

}  // namespace

Result<std::string> write_head(const Request& request, const Url& url, const Url* by_proxy,
                               const std::string& user_agent) {
  if (!is_token(request.method)) {
    return failure(ErrorCode::bad_input, "`" + request.method + "` is not an HTTP method");
  }
  std::string head = request.method + " ";
  head += by_proxy != nullptr ? "http://" + url.authority() + url.target : url.target;
  head += " HTTP/1.1\r\n";
  add_header(head, "Host", url.authority());
  add_header(head, "User-Agent", user_agent);
  for (const Header& header : request.headers) {
    // The value is not shown: it may be a key.
    if (!is_token(header.name) || !is_header_value(header.value)) {
      return failure(ErrorCode::bad_input,
                     "the header `" + header.name + "` has a name or value that cannot be sent");
    }
    add_header(head, header.name, header.value);
  }
  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  if (may_have_body || !request.body.empty()) {
    add_header(head, "Content-Length", std::to_string(request.body.size()));
  }
  if (by_proxy != nullptr) add_proxy_authorization(head, *by_proxy);
  return head + "\r\n";
}

std::string write_connect(const Url& url, const Url& proxy, const std::string& user_agent) {
  std::string head = "CONNECT " + url.host_and_port() + " HTTP/1.1\r\n";
  add_header(head, "Host", url.host_and_port());
  add_header(head, "User-Agent", user_agent);
  add_proxy_authorization(head, proxy);
  return head + "\r\n";
}

}  // namespace atonce::http
