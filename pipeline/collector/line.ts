import { escapeBytes, escapeHeader } from './escape.ts';

/** What a line of the access log says, unescaped, latin1. */
export interface LineValues {
  remoteAddr: string;
  msec: string;
  host: string;
  time: string;
  status: number;
  /** Bytes of the response body. */
  size: number;
  query: string;
  body: string;
  uri: string;
  method: string;
  /** Request headers by lower-case name; repeated ones joined. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  requestId: string;
  networkUserId: string;
  /** Writes the fields empty that could tell who it was. */
  anonymous: boolean;
  /** The `duid` parameter, else empty. */
  duid: string;
}

/** Makes lines of the access log in the order of `ACCESS_LOG_FIELDS`. */
export class LineBuilder {
  private readonly serverName: string;

  constructor(serverName: string) {
    this.serverName = escapeBytes(serverName);
  }

  /** One line with its newline, latin1. */
  line(v: LineValues): string {
    const h = v.headers;
    const address = v.anonymous ? '' : v.remoteAddr;
    return `{"remote_addr":"${address}","scheme":"http","msec":"${v.msec}","host":"${
      v.host === '' ? this.serverName : escapeHeader(v.host)
    }","server_name":"${this.serverName}","time":"${v.time}","status":"${v.status}","size":"${
      v.size
    }","query_string":"${escapeHeader(v.query)}","request_body":"${
      v.body === '' ? '' : escapeBytes(v.body)
    }","uri":"${escapeBytes(v.uri)}","method":"${v.method}","referer":"${header(h.referer)}","user_agent":"${header(
      h['user-agent'],
    )}","accept_language":"${header(h['accept-language'])}","cookies":"${
      v.anonymous ? '' : header(h.cookie)
    }","x_forwarded_for":"${v.anonymous ? '' : header(h['x-forwarded-for'])}","content_type":"${header(
      h['content-type'],
    )}","origin":"${header(h.origin)}","request_id":"${v.requestId}","network_userid":"${
      v.anonymous ? '' : v.networkUserId
    }","sp_anonymous":"${header(h['sp-anonymous'])}","sec_ch_ua":"${header(
      h['sec-ch-ua'],
    )}","sec_ch_ua_mobile":"${header(h['sec-ch-ua-mobile'])}","sec_ch_ua_platform":"${header(
      h['sec-ch-ua-platform'],
    )}","sec_ch_ua_platform_version":"${header(
      h['sec-ch-ua-platform-version'],
    )}","sec_ch_ua_full_version_list":"${header(
      h['sec-ch-ua-full-version-list'],
    )}","sec_ch_ua_model":"${header(h['sec-ch-ua-model'])}","sec_ch_ua_arch":"${header(
      h['sec-ch-ua-arch'],
    )}","sec_ch_ua_bitness":"${header(h['sec-ch-ua-bitness'])}","partition_key":"${
      v.duid === '' ? address : escapeHeader(v.duid)
    }"}\n`;
  }
}

function header(value: string | string[] | undefined): string {
  return value === undefined || value === '' ? '' : escapeHeader(value as string);
}
