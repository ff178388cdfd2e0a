// The board: ARM MPS2 with AN385 (Cortex-M3, no FPU), in QEMU or on the FPGA.

public import BoardSupport
public import MPS2

public enum Board: BoardConsole {
    public typealias Counter = InstructionCounter
    public static var name: StaticString { "mps2-an385" }
    public static func start() { MPS2.start() }
    public static func write(byte: UInt8) { MPS2.write(byte: byte) }
}

@c(mote_board_start) func startBoard() { Board.start() }
@c(mote_board_write_byte) func writeByte(_ byte: UInt8) { Board.write(byte: byte) }
