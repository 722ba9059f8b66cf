// A service over the fake store, asked without sockets.
#pragma once

#include <string>
#include <vector>

#include "tests/web/fake_store.h"
#include "web/service.h"

namespace spirogram::testing {

web::ServerContext MakeContext(FakeStore* store);

web::Request MakeRequest(std::string method, std::string target,
                         std::vector<web::Header> headers = {}, std::string body = "");

struct ServiceFixture {
  ServiceFixture();
  ~ServiceFixture();

  web::Response Send(std::string method, std::string target, std::string body = "",
                     std::vector<web::Header> headers = {});
  web::Response Get(std::string target);

  FakeStore store;
  web::Service service;
};

}  // namespace spirogram::testing
