// The client's connections: TLS and proxies.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "http/client.h"
#include "http/loopback_server.h"
#include "http/proxy.h"

namespace atonce::http {
namespace {

using namespace std::chrono_literals;
using Peer = LoopbackServer::Peer;

ClientOptions direct() {
  ClientOptions options;
  options.proxies = {};
  return options;
}

Request get(const std::string& url) { return {.url = url, .timeout = 20s}; }

// Makes a certificate trusted by the clients that are made while this lives.
class Trusted {
 public:
  explicit Trusted(const Certificate& certificate)
      : file_(std::filesystem::temp_directory_path() /
              ("atonce-test-" + std::to_string(::getpid()) + ".pem")) {
    std::ofstream(file_) << certificate.certificate;
    ::setenv("SSL_CERT_FILE", file_.c_str(), 1);
  }
  ~Trusted() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(file_);
  }

 private:
  const std::filesystem::path file_;
};

LoopbackServer::Script over_tls(std::string body) {
  return [body](Peer& peer) {
    if (!peer.start_tls()) return;
    while (peer.read()) peer.answer(200, body + peer.server_name());
  };
}

std::string https_url(const std::string& host, const LoopbackServer& server) {
  return "https://" + host + ":" + std::to_string(server.port()) + "/";
}

TEST(HttpClient, SpeaksTlsWithAServerThatItTrustsAndNamesTheHost) {
  const Certificate certificate = make_certificate("DNS:localhost,IP:127.0.0.1");
  const Trusted trusted(certificate);
  const LoopbackServer server(over_tls("hello "), &certificate);
  Client client(direct());

  const auto by_name = client.send(get(https_url("localhost", server)));
  const auto again = client.send(get(https_url("localhost", server)));
  const auto by_address = client.send(get(https_url("127.0.0.1", server)));

  ASSERT_TRUE(by_name) << by_name.error().message;
  EXPECT_EQ(by_name->body, "hello localhost");
  EXPECT_TRUE(again);
  ASSERT_TRUE(by_address) << by_address.error().message;
  EXPECT_EQ(by_address->body, "hello ");
  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClient, RefusesACertificateThatNobodyVouchesFor) {
  const Certificate certificate = make_certificate("DNS:localhost");
  const LoopbackServer server(over_tls(""), &certificate);
  Client client(direct());

  const auto response = client.send(get(https_url("localhost", server)));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::bad_response);
  EXPECT_EQ(response.error().message,
            "the certificate of `localhost` is not accepted: self-signed certificate");
  EXPECT_TRUE(response.error().hint.contains("SSL_CERT_FILE"));
}

TEST(HttpClient, RefusesACertificateOfAnotherHost) {
  const Certificate certificate = make_certificate("DNS:example.com,IP:127.0.0.2");
  const Trusted trusted(certificate);
  const LoopbackServer server(over_tls(""), &certificate);
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    Client client(direct());

    const auto response = client.send(get(https_url(host, server)));

    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::bad_response);
    EXPECT_TRUE(response.error().message.contains("mismatch")) << response.error().message;
    EXPECT_TRUE(response.error().hint.contains("another host's"));
  }
}

TEST(HttpClient, SaysWhenAServerDoesNotSpeakTls) {
  const LoopbackServer server([](Peer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_until_closed();
  });
  Client client(direct());

  const auto response = client.send(get(https_url("127.0.0.1", server)));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::bad_response);
  EXPECT_TRUE(response.error().message.starts_with("no TLS with `127.0.0.1`"))
      << response.error().message;
}

TEST(HttpClient, GivesUpOnAServerThatNeverAnswersTheTlsHandshake) {
  const LoopbackServer server([](Peer& peer) { peer.wait_until_closed(); });
  ClientOptions options = direct();
  options.connect_timeout = 60ms;
  Client client(options);

  const auto response = client.send(get(https_url("127.0.0.1", server)));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(response.error().message.ends_with("within 60 ms")) << response.error().message;
}

TEST(HttpClient, AsksForAnHttpUrlByTheProxy) {
  std::promise<Received> promise;
  const LoopbackServer proxy([&](Peer& peer) {
    promise.set_value(peer.read().value());
    peer.answer(200, "by proxy");
  });
  ClientOptions options = direct();
  options.proxies.http = "http://name:p%40ss@127.0.0.1:" + std::to_string(proxy.port());
  Client client(options);

  const auto response = client.send(get("http://api.test/path"));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "by proxy");
  const auto received = promise.get_future().get();
  EXPECT_EQ(received.target, "http://api.test/path");
  EXPECT_EQ(received["host"], "api.test");
  EXPECT_EQ(received["proxy-authorization"], "Basic bmFtZTpwQHNz");
}

TEST(HttpClient, OpensATunnelThroughTheProxyForAnHttpsUrl) {
  const Certificate certificate = make_certificate("DNS:api.test");
  const Trusted trusted(certificate);
  std::promise<Received> promise;
  const LoopbackServer proxy(
      [&](Peer& peer) {
        promise.set_value(peer.read().value());
        peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
        if (!peer.start_tls()) return;
        while (peer.read()) peer.answer(200, peer.server_name());
      },
      &certificate);
  ClientOptions options = direct();
  options.proxies.https = "127.0.0.1:" + std::to_string(proxy.port());
  Client client(options);

  const auto response = client.send(get("https://api.test/path"));
  const auto again = client.send(get("https://api.test/path"));

  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "api.test");
  EXPECT_TRUE(again);
  const auto received = promise.get_future().get();
  EXPECT_EQ(received.method, "CONNECT");
  EXPECT_EQ(received.target, "api.test:443");
}

TEST(HttpClient, SaysWhenTheProxyRefuses) {
  const LoopbackServer proxy([](Peer& peer) {
    if (peer.read()) peer.write("HTTP/1.1 407 Who Are You\r\nContent-Length: 500\r\n\r\n");
  });
  ClientOptions options = direct();
  options.proxies.https = "http://127.0.0.1:" + std::to_string(proxy.port());
  Client client(options);

  const auto response = client.send(get("https://api.test/"));

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(
      response.error().message.ends_with("refused a connection to api.test:443 with status 407"))
      << response.error().message;
}

TEST(HttpProxy, IsNotUsedForThisMachineNorForWhatNoProxyNames) {
  const ProxySettings settings{.https = "http://proxy:1",
                               .none = "example.com, .internal ,10.0.0.1"};
  const auto is_used = [&](const std::string& url) {
    return choose_proxy(settings, *parse_url(url))->has_value();
  };

  EXPECT_TRUE(is_used("https://other.com/"));
  EXPECT_TRUE(is_used("https://notexample.com/"));
  EXPECT_FALSE(is_used("http://other.com/"));  // no proxy is set for http
  for (const char* url :
       {"https://example.com/", "https://api.example.com/", "https://a.internal/",
        "https://10.0.0.1/", "https://localhost/", "https://127.0.0.1:8080/", "https://[::1]/"}) {
    EXPECT_FALSE(is_used(url)) << url;
  }
}

TEST(HttpProxy, ThatIsNoHttpUrlIsRefusedWithoutItsPassword) {
  for (const char* text : {"https://u:secret@proxy:1", "socks5://u:secret@proxy:1"}) {
    const auto proxy = choose_proxy({.https = text}, *parse_url("https://other.com/"));

    ASSERT_FALSE(proxy) << text;
    EXPECT_EQ(proxy.error().code, ErrorCode::bad_input);
    EXPECT_FALSE(proxy.error().message.contains("secret")) << proxy.error().message;
  }
}

}  // namespace
}  // namespace atonce::http
