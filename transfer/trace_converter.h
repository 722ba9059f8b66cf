// Traces of PyTorch's profiler that lie in a log directory, for the store: what
// torch.profiler.tensorboard_trace_handler writes there.
#pragma once

#include <string>
#include <string_view>

#include "store/file_converter.h"

namespace spirogram::transfer {

// Takes "NAME.pt.trace.json" and "NAME.pt.trace.json.gz".
class TraceConverter : public store::FileConverter {
 public:
  std::string NameOf(std::string_view name) const override;
  Status Convert(const Job& job) const override;
};

}  // namespace spirogram::transfer
