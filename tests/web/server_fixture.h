// A real server on a free port over the fake store.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "tests/web/raw_client.h"
#include "tests/web/service_fixture.h"
#include "web/server.h"

namespace spirogram::testing {

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    FillFakeStore(&store_);
    options_.port = 0;
    options_.io_threads = 2;
  }
  ~ServerTest() override { server_.reset(); }

  void Start() { Start(MakeContext(&store_)); }
  void Start(web::ServerContext context) {
    auto server = web::Server::Start(options_, std::move(context));
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  uint16_t port() const { return server_->port(); }

  FakeStore store_;
  web::ServerOptions options_;
  std::unique_ptr<web::Server> server_;
};

}  // namespace spirogram::testing
