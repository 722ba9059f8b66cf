// NumPy's file format, version 1.0: what numpy.load reads. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "store/tensor_value.h"

namespace spirogram::transfer {

// bfloat16, which NumPy lacks, becomes float32; strings become bytes of the longest one's length.
// kInvalidArgument for a dtype without a form in NumPy, kExhausted when strings take over 256 MiB.
Result<std::string> ToNpy(const store::TensorValue& tensor);

}  // namespace spirogram::transfer
