// spirogram demo: trains a healthy and a faulty model beside each other and serves both, so that
// the first page a newcomer sees shows what the product is for.
#pragma once

#include <string>

#include "app/serve.h"

namespace spirogram::app {

struct DemoOptions {
  std::string dir = "build/demo";  // holds logs/ and data/
  std::string mnist_dir;           // where the MNIST files lie; empty: no MNIST run
  bool no_serve = false;           // exit when all is trained, loaded and diagnosed
  bool fresh = false;              // train again even where finished runs lie
  double seconds = 45;             // of training, for each run; the runs train side by side
  std::string host = "127.0.0.1";
  int port = 6006;
};

// Returns the program's exit code.
int Demo(const DemoOptions& options);

}  // namespace spirogram::app
