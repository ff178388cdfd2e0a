// Types of tables, memories and globals (core specification 2.0, 2.3.7–2.3.10; custom-page-sizes).

/// How small a table or a memory starts, and how large it may grow: in entries, or in pages.
package struct Limits: Equatable {
    package let minimum: UInt32
    /// 0 when `hasMaximum` is false.
    package let maximum: UInt32
    package let hasMaximum: Bool

    package init(minimum: UInt32, maximum: UInt32?) {
        self.minimum = minimum
        self.maximum = maximum ?? 0
        hasMaximum = maximum != nil
    }
}

package struct TableType: Equatable {
    /// `.funcref` or `.externref`.
    package let elementType: ValueType
    package let limits: Limits

    package init(elementType: ValueType, limits: Limits) {
        self.elementType = elementType
        self.limits = limits
    }
}

package struct MemoryType: Equatable {
    /// In pages of `1 << pageShift` bytes.
    package let limits: Limits
    /// 16 for pages of 64 KB, 0 for pages of one byte.
    package let pageShift: UInt8

    package init(limits: Limits, pageShift: UInt8) {
        self.limits = limits
        self.pageShift = pageShift
    }

    /// The most pages that a memory of this page size can have: 65,536, or 2³² − 1 pages of a byte.
    package var mostPages: UInt32 { pageShift == 0 ? .max : 65_536 }
}

package struct GlobalType: Equatable {
    package let valueType: ValueType
    package let isMutable: Bool

    package init(valueType: ValueType, isMutable: Bool) {
        self.valueType = valueType
        self.isMutable = isMutable
    }
}

/// What is imported or exported; the raw value is its byte in a module.
package enum ExternalKind: UInt8, Equatable {
    case function = 0
    case table = 1
    case memory = 2
    case global = 3
}
