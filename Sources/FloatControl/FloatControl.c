// Everything is in the header, to be inlined.
#include "FloatControl.h"
