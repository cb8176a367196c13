/** A debug session that only watches: control requests are refused with a word why, and whatever a request throws becomes its answer. */
import { DebugSession } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { messageOf } from './asking.ts';
import { isAdapterError, notSupported } from './errors.ts';

/** Breakpoints, stepping and evaluation are the JavaScript debugger's. */
export abstract class WatchOnlySession extends DebugSession {
  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): void {
    const message = notSupported('set breakpoints in').message;
    response.body = { breakpoints: breakpoints.map(() => ({ verified: false, message })) };
    this.sendResponse(response);
  }

  protected override setExceptionBreakPointsRequest(response: DebugProtocol.SetExceptionBreakpointsResponse): void {
    this.sendResponse(response);
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    this.#refuse(response, 'continue');
  }

  protected override nextRequest(response: DebugProtocol.NextResponse): void {
    this.#refuse(response, 'step');
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse): void {
    this.#refuse(response, 'step');
  }

  protected override stepOutRequest(response: DebugProtocol.StepOutResponse): void {
    this.#refuse(response, 'step');
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    this.#refuse(response, 'pause');
  }

  protected override evaluateRequest(response: DebugProtocol.EvaluateResponse): void {
    this.#refuse(response, 'evaluate expressions in');
  }

  /** Answers a request when `work` is done; its errors carry their code, and `showUser` whether the client is to show them. */
  protected async answer(
    response: DebugProtocol.Response,
    work: () => void | Promise<void>,
    showUser = true,
  ): Promise<void> {
    try {
      await work();
      this.sendResponse(response);
    } catch (error) {
      const id = isAdapterError(error) ? error.code : 0;
      this.sendErrorResponse(response, { id, format: messageOf(error), variables: {}, showUser });
    }
  }

  #refuse(response: DebugProtocol.Response, verb: string): void {
    void this.answer(response, () => {
      throw notSupported(verb);
    });
  }
}
