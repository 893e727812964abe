#include "http/connection.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

namespace atonce::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

std::string hint_for(long verification) {
  switch (verification) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "install the package `ca-certificates`, or name a file with the issuer's certificate "
             "in SSL_CERT_FILE";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the certificate is another host's: check the address";
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return "check this machine's clock";
    default: return "";
  }
}

Error tls_error(SSL* tls, const std::string& host, const error_code& error) {
  const long verification = ::SSL_get_verify_result(tls);
  if (verification != X509_V_OK) {
    return {ErrorCode::bad_response,
            "the certificate of `" + host +
                "` is not accepted: " + ::X509_verify_cert_error_string(verification),
            hint_for(verification)};
  }
  if (error.category() == asio::error::get_ssl_category()) {
    return {ErrorCode::bad_response, "no TLS with `" + host + "`: " + error.message(),
            "check that the server speaks https on this port"};
  }
  return {ErrorCode::unavailable,
          "`" + host + "` closed the connection while TLS was set up: " + error.message(),
          "check that the server speaks https on this port"};
}

// Which host the certificate must be for, and which one the server is told that we want.
bool expect_host(SSL* tls, const std::string& host) {
  if (is_ip_address(host)) {
    return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls), host.c_str()) == 1;
  }
  ::SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return ::SSL_set1_host(tls, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

}  // namespace

asio::ssl::context make_tls_context() {
  asio::ssl::context context(asio::ssl::context::tls_client);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  // A failure means that there are no roots, which the handshake then reports with a hint.
  error_code ignored;
  context.set_default_verify_paths(ignored);
  context.set_verify_mode(asio::ssl::verify_peer, ignored);
  return context;
}

Connection::Connection(asio::io_context& io, std::string used_for)
    : used_for_(std::move(used_for)), resolver_(io.get_executor()), socket_(io) {}

asio::awaitable<Result<void>> Connection::connect(const Url& peer) {
  const Result<Endpoints> endpoints = co_await resolver_.resolve(peer.host, peer.port);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  error_code last = asio::error::host_not_found;
  for (const auto& endpoint : *endpoints) {
    if (is_aborted_) break;
    error_code ignored;
    socket_.close(ignored);
    const auto [error] = co_await socket_.async_connect(endpoint, kTuple);
    if (!error) {
      socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
      co_return Result<void>{};
    }
    last = error;
  }
  co_return failure(ErrorCode::unavailable,
                    "no connection to " + peer.host_and_port() + ": " + last.message(),
                    "check that the server runs and that the address is right");
}

asio::awaitable<Result<void>> Connection::start_tls(asio::ssl::context& context, std::string host) {
  tls_.emplace(socket_, context);
  SSL* const tls = tls_->native_handle();
  if (!expect_host(tls, host)) {
    co_return failure(ErrorCode::bad_input, "`" + host + "` is not a host name that TLS can check");
  }
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kTuple);
  if (error) co_return std::unexpected(tls_error(tls, host, error));
  co_return Result<void>{};
}

asio::awaitable<Connection::Transfer> Connection::read_some(asio::mutable_buffer into) {
  if (is_aborted_) co_return Transfer{.error = asio::error::operation_aborted};
  Transfer transfer;
  if (tls_) {
    std::tie(transfer.error, transfer.bytes) = co_await tls_->async_read_some(into, kTuple);
  } else {
    std::tie(transfer.error, transfer.bytes) = co_await socket_.async_read_some(into, kTuple);
  }
  received_bytes_ += transfer.bytes;
  co_return transfer;
}

asio::awaitable<Connection::Transfer> Connection::write(std::string_view bytes) {
  if (is_aborted_) co_return Transfer{.error = asio::error::operation_aborted};
  Transfer transfer;
  const auto buffer = asio::buffer(bytes);
  if (tls_) {
    std::tie(transfer.error, transfer.bytes) = co_await asio::async_write(*tls_, buffer, kTuple);
  } else {
    std::tie(transfer.error, transfer.bytes) = co_await asio::async_write(socket_, buffer, kTuple);
  }
  co_return transfer;
}

void Connection::abort() {
  is_aborted_ = true;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace atonce::http
